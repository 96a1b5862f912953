/** Text as it stands in a cell or a sentence: no markup of its own, no mention, one line. */
export function plain(text: string): string {
  return text
    .replace(/\s+/g, " ")
    .trim()
    .replace(/[\\`*_[\]<>|~]/g, "\\$&")
    .replace(/@/g, "@\u200b")
    .replace(/(^|\s)#(?=\d)/g, "$1#\u200b");
}

/** Text as code, in one line. */
export function code(text: string): string {
  return `\`${text.replace(/[`\s|]+/g, " ").trim()}\``;
}

export function table(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)];
}

/** A part of a comment: its lines stay or go one by one from the end, when there is no room. */
export interface Section {
  title: string;
  lines: readonly string[];
}

const bytes = (text: string) => Buffer.byteLength(text, "utf8");

/**
 * Puts a comment together within a size: the summary always stays, the sections follow in order as long as there is room.
 * @param limit bytes of UTF-8
 */
export function fitted(summary: readonly string[], sections: readonly Section[], limit: number): string {
  const note = (count: number) => `\n_${count} more lines did not fit; they are in the pipeline's preview._`;
  const room = limit - bytes(note(1_000_000));
  let text = summary.join("\n");
  let left = sections.reduce((sum, { lines }) => sum + lines.length, 0);
  for (const { title, lines } of sections) {
    const [first = "", ...rest] = lines;
    const heading = `\n\n#### ${title}\n\n${first}`;
    if (bytes(text) + bytes(heading) > room) return text + note(left);
    text += heading;
    left--;
    for (const line of rest) {
      if (bytes(text) + bytes(line) + 1 > room) return text + note(left);
      text += `\n${line}`;
      left--;
    }
  }
  return `${text}\n`;
}
