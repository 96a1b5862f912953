import type { CoverageRow } from "../emulator/coverage";

/**
 * Two Markdown tables, and the notes that they point to: a line a resource type with its operations by how far they are
 * there, and a line an operation of what else there is.
 */
export function tableOf(rows: readonly CoverageRow[]): string {
  const notes = new Notes();
  const onTypes = rows.filter((row) => isOnType(row));
  const others = rows.filter((row) => !isOnType(row));
  const subjects = [...new Set(onTypes.map(({ subject }) => subject))].sort(compared);
  return [
    "| resource type | full | partial | refused |",
    "| --- | --- | --- | --- |",
    ...subjects.map((subject) => {
      const own = onTypes.filter((row) => row.subject === subject);
      return line([subject, ...states.map((state) => operationsOf(own, state, notes))]);
    }),
    "",
    "| service | operation | state |",
    "| --- | --- | --- |",
    // An operation that is at several addresses is told once.
    ...new Set(
      [...others]
        .sort(
          (a, b) =>
            compared(a.subject, b.subject) || compared(pathOf(a), pathOf(b)) || compared(a.operation, b.operation),
        )
        .map((row) => line([row.subject, shortened(row), `${row.state}${notes.mark(row.gap)}`])),
    ),
    "",
    ...notes.lines(),
  ].join("\n");
}

/** What is said of several operations is said once. */
class Notes {
  private readonly texts: string[] = [];

  mark(text: string | undefined): string {
    if (!text) return "";
    const known = this.texts.indexOf(text);
    return ` (${known >= 0 ? known + 1 : this.texts.push(text)})`;
  }

  lines(): string[] {
    return this.texts.map((text, index) => `${index + 1}. ${text}`);
  }
}

const states = ["full", "partial", "refused"] as const;
const methods = ["PUT", "GET", "LIST", "PATCH", "DELETE"];

function isOnType({ subject, operation }: CoverageRow): boolean {
  return !operation.includes("/") && subject.includes("/");
}

/** Those of one state, where each note stands behind the operations that it is of. */
function operationsOf(rows: readonly CoverageRow[], state: CoverageRow["state"], notes: Notes): string {
  const found = rows.filter((row) => row.state === state);
  const gaps = [...new Set(found.map(({ gap }) => gap))];
  return gaps
    .map((gap) => {
      const names = found.filter((row) => row.gap === gap).map(({ operation }) => operation);
      return [...new Set(names)].sort(inOrder).join(", ") + notes.mark(gap);
    })
    .join(", ");
}

function line(cells: readonly string[]): string {
  return `| ${cells.map((text) => text.replaceAll("|", "\\|")).join(" | ")} |`;
}

function inOrder(a: string, b: string): number {
  const [first, second] = [a, b].map((name) => (methods.includes(name) ? methods.indexOf(name) : methods.length));
  return (first ?? 0) - (second ?? 0) || compared(a, b);
}

function compared(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function pathOf({ operation }: CoverageRow): string {
  return operation.replace(/^[A-Z]+ /, "");
}

/** The column before says the provider and the service. */
function shortened({ operation, subject }: CoverageRow): string {
  const [, method = "", path = ""] = /^([A-Z]+) (\/.*|\{scope\}.*)$/.exec(operation) ?? [];
  if (!path) return operation;
  const short = path
    .replace(`/subscriptions/{s}/providers/${subject}/`, "")
    .replace(`{scope}/providers/${subject}/`, "")
    .replace(/\/mlflow\/v\d\.0\/\{workspace\}\/api\/2\.0\//, "")
    .replace("/history/v1.0/{workspace}/", "")
    .replace("/artifact/v2.0/{workspace}/artifacts/", "");
  return `${method} ${short}`;
}
