/** What is measured, and what it is measured against. */
export interface Row {
  what: string;
  figure: string;
  limit: string;
}

/** Prints rows as a table of Markdown. */
export function printRows(rows: readonly Row[]): void {
  const widths = (["what", "figure", "limit"] as const).map((key) =>
    Math.max(key.length, ...rows.map((row) => row[key].length)),
  );
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, index) => cell.padEnd(widths[index] ?? 0)).join(" | ")} |`;
  console.log(line(["what", "figure", "limit"]));
  console.log(line(widths.map((width) => "-".repeat(width))));
  for (const { what, figure, limit } of rows) console.log(line([what, figure, limit]));
}
