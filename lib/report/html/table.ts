import { html, type Content, type Markup } from "./markup";

export interface Table {
  caption: string;
  columns: readonly Column[];
  rows: readonly Row[];
}

interface Column {
  title: Content;
  /** Numbers stand on the right, below each other. */
  numeric?: boolean;
  /** A sentence wants room, and a time stands in one line. @default "text" */
  kind?: "text" | "long" | "time";
}

export interface Row {
  /** The first is the row's heading. */
  cells: readonly Content[];
  /** Cells to point out, by index; they are marked by a word for those who do not see the colour. */
  marked?: ReadonlySet<number>;
}

/** A table that scrolls by itself where the window is narrow. */
export function renderTable({ caption, columns, rows }: Table): Markup {
  const classOf = (index: number) => (columns[index]?.numeric ? "number" : (columns[index]?.kind ?? "text"));
  const cell = ({ cells, marked }: Row) =>
    cells.map((content, index) => {
      if (index === 0) return html`<th scope="row" class="${classOf(index)}">${content}</th>`;
      const isMarked = marked?.has(index);
      return html`<td class="${classOf(index)}${isMarked ? " marked" : ""}">
        ${content}${isMarked && html`<span class="unseen"> (differs)</span>`}
      </td>`;
    });
  return html`<div class="scroll" tabindex="0" role="region" aria-label="${caption}">
    <table>
      <caption>
        <span>${caption}</span>
      </caption>
      <thead>
        <tr>
          ${columns.map(({ title }, index) => html`<th scope="col" class="${classOf(index)}">${title}</th>`)}
        </tr>
      </thead>
      <tbody>
        ${rows.map(
          (row) =>
            html`<tr>
              ${cell(row)}
            </tr>`,
        )}
      </tbody>
    </table>
  </div>`;
}
