import type { CoverageRow } from "../emulator/coverage";

/** A Markdown table: a line an operation, where those on a resource type that stand alike share one. */
export function tableOf(rows: readonly CoverageRow[]): string {
  const lines = new Map<string, CoverageRow & { operations: string[] }>();
  for (const row of rows) {
    const isOnType = !row.operation.includes("/") && row.subject.includes("/");
    const key = [row.subject, row.state, row.gap, isOnType ? "" : row.operation].join("\n");
    const line = lines.get(key) ?? { ...row, operations: [] };
    if (!line.operations.includes(row.operation)) line.operations.push(row.operation);
    lines.set(key, line);
  }
  const sorted = [...lines.values()].sort(
    (a, b) => compared(a.subject, b.subject) || states.indexOf(a.state) - states.indexOf(b.state) || byOperation(a, b),
  );
  return [
    "| of | operation | state | gap |",
    "| --- | --- | --- | --- |",
    ...sorted.map(({ subject, operations, state, gap = "" }) => {
      const names = [...operations].sort(inOrder).map((operation) => shortened(operation, subject));
      return `| ${[subject, names.join(", "), state, gap].map((text) => text.replaceAll("|", "\\|")).join(" | ")} |`;
    }),
  ].join("\n");
}

const states: readonly string[] = ["full", "partial", "refused"];
const methods = ["PUT", "GET", "LIST", "PATCH", "DELETE"];

function byOperation(a: { operations: string[] }, b: { operations: string[] }): number {
  return inOrder(a.operations[0] ?? "", b.operations[0] ?? "");
}

function inOrder(a: string, b: string): number {
  const [first, second] = [a, b].map((name) => (methods.includes(name) ? methods.indexOf(name) : methods.length));
  return (first ?? 0) - (second ?? 0) || compared(a, b);
}

function compared(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** The column before says the provider and the service. */
function shortened(operation: string, subject: string): string {
  const [, method = "", path = ""] = /^([A-Z]+) (\/.*|\{scope\}.*)$/.exec(operation) ?? [];
  if (!path) return operation;
  const short = path
    .replace(`/subscriptions/{s}/providers/${subject}/`, "")
    .replace(`{scope}/providers/${subject}/`, "")
    .replace("/mlflow/v1.0/{workspace}/api/2.0/", "");
  return `${method} ${short}`;
}
