import { readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { markdownIn } from "./documents";

export const root = join(__dirname, "..", "..");

/** Absolute paths of what people read. */
export const documents = [
  ...["README.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md"].map((name) => join(root, name)),
  ...markdownIn(join(root, "docs")),
];

/**
 * Commands of a document, as the block's info string marks them: `sh` alone runs on the local cloud, `sh azure` needs an
 * account, and `sh long` installs much or runs for minutes. Those two are only checked.
 */
export interface CommandBlock {
  document: string;
  line: number;
  marker: "" | "azure" | "long";
  text: string;
}

/** @throws Error for a marker that nobody knows */
export function commandBlocks(document: string): CommandBlock[] {
  const text = readFileSync(document, "utf8");
  return [...text.matchAll(/^```(?:sh|bash|shell)\b([^\n]*)\n(.*?)^```$/gms)].map((found) => {
    const [, info = "", commands = ""] = found;
    const marker = info.trim();
    const place = { document: relative(root, document), line: text.slice(0, found.index).split("\n").length };
    if (marker !== "" && marker !== "azure" && marker !== "long")
      throw new Error(`${place.document}:${place.line}: "${marker}" is no marker; allowed are azure and long`);
    return { ...place, marker, text: commands };
  });
}

export interface NamedCommand {
  /** "npm" with a script's name, or "pulumi" with its subcommands. */
  words: string[];
  options: string[];
}

/** The npm scripts and pulumi commands of a block, each with the options that it is given. */
export function namedCommands(text: string): NamedCommand[] {
  const simple = text
    .replace(/\\\n/g, " ")
    .replace(/(^|\s)#[^\n]*/g, "$1")
    .split(/\n|&&|\|\|?|;|\$\(|\)/);
  return simple.flatMap((command) => {
    const [, script, npmArguments = ""] = /\bnpm run (?:-s |--silent )?([a-z][\w:-]*)(?: -- (.*))?/.exec(command) ?? [];
    if (script !== undefined) return [{ words: ["npm", script], options: optionsOf(npmArguments) }];
    const [, subcommands, rest = ""] = /^\s*"?pulumi ((?:[a-z][a-z-]*(?: |$))+)(.*)/.exec(command) ?? [];
    if (subcommands === undefined) return [];
    return [{ words: ["pulumi", ...subcommands.trim().split(" ")], options: optionsOf(rest) }];
  });
}

function optionsOf(text: string): string[] {
  return [...text.matchAll(/(?:^|\s)(--[a-z][\w-]*)/g)].map(([, option = ""]) => option);
}
