/**
 * Has traces name the lines of TypeScript where one is shown, and not before: Pulumi's SDK takes one for each promise that it
 * makes, and to look all of them up takes a third of the program's time. A trace is written when it is first read, so an error
 * that nobody has caught still gets its lines. To be imported before anything that makes promises of Pulumi's.
 */
const mapped = Object.getOwnPropertyDescriptor(Error, "prepareStackTrace");
if (mapped) {
  delete (Error as { prepareStackTrace?: unknown }).prepareStackTrace;
  const restore = () => void Object.defineProperty(Error, "prepareStackTrace", mapped);
  process.prependListener("uncaughtException", restore);
  process.prependListener("unhandledRejection", restore);
}
