"use strict";
// Calls methods of lifecycles as the engine's provider process does: reads one call {id, folder, method, args} for each
// line, and prints a line {id, printed} for what it prints and one {id, answer | thrown} at its end. Ends with its input,
// once all is answered.
const { AsyncLocalStorage } = require("node:async_hooks");
const { createInterface } = require("node:readline");
const load = require("../../providers/load.cjs");

/** The number of the call that goes on, for what it prints: several go on at once. */
const calls = new AsyncLocalStorage();
const write = process.stdout.write.bind(process.stdout);
process.stdout.write = (text, ...rest) => {
  const id = calls.getStore();
  return id === undefined ? write(text, ...rest) : write(`${JSON.stringify({ id, printed: String(text) })}\n`);
};

const answerOf = ({ folder, method, args }) =>
  Promise.resolve(load(folder)[method](...args)).then(
    (answer) => ({ answer }),
    ({ message, id, properties }) => ({ thrown: { message, id, properties } }),
  );

const answered = [];
const answer = async (line) => {
  const { id, ...call } = JSON.parse(line);
  const outcome = await calls.run(id, () => answerOf(call));
  write(`${JSON.stringify({ id, ...outcome })}\n`);
};

createInterface({ input: process.stdin })
  .on("line", (line) => answered.push(answer(line)))
  .on("close", () => Promise.all(answered).then(() => process.exit()));
