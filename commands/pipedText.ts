import { fstatSync, readFileSync } from "node:fs";

/** What was piped in; undefined at a terminal and where nothing was. */
export function pipedText(): string | undefined {
  try {
    const input = fstatSync(0);
    if (!input.isFIFO() && !input.isFile() && !input.isSocket()) return undefined;
    const text = readFileSync(0, "utf8");
    return text.trim() ? text : undefined;
  } catch {
    return undefined;
  }
}
