import { barText } from "../lib/terminal";

/** A reporter that prints a line at the start, at each further tenth, and at the end; the engine shows them as they come. */
export function progressLines(what: string, unit: string): (done: number, total: number) => void {
  let shown = -1;
  return (done, total) => {
    const tenth = total === 0 ? 10 : Math.floor((10 * done) / total);
    if (tenth === shown) return;
    shown = tenth;
    console.log(`${what}: ${barText(done, total)}${done}/${total} ${unit}`);
  };
}
