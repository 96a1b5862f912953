import type { Digest } from "./digest";
import { plain, type Section } from "./markdown";

const retired = /which Azure retired on/;
/** What the engine says of itself. */
const noise = /^(warning: using pulumi-(resource|analyzer)-|error: preview failed$)/;

/** What the program said: retired sizes, what becomes of the data, warnings and errors. */
export function messages({ diagnostics }: Digest): Section[] {
  const all = diagnostics
    .map(({ message, severity }) => ({ severity, text: message.trim() }))
    .filter(({ text }, index, list) => !noise.test(text) && list.findIndex((other) => other.text === text) === index);
  const said = (test: (entry: (typeof all)[number]) => boolean) =>
    all.filter(test).map(({ text }) => `- ${plain(text.replace(/^(warning|error): /, ""))}`);
  const isRetired = ({ text }: { text: string }) => retired.test(text);
  const section = (title: string, lines: string[]) => (lines.length > 0 ? [{ title, lines }] : []);
  return [
    ...section(
      "Errors",
      said(({ severity }) => severity === "error"),
    ),
    ...section("Retired sizes", said(isRetired)),
    ...section(
      "Data",
      said(({ text }) => text.startsWith("Data: ") && !text.startsWith("Data: unchanged")),
    ),
    ...section(
      "Warnings",
      said((entry) => entry.severity === "warning" && !isRetired(entry)),
    ),
  ];
}
