import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { format, resolveConfig } from "prettier";
import { schema } from "../config";
import { UserError } from "../lib/errors";
import { configurationFiles, readComments } from "./configuration/comments";
import { configurationKeys, type ConfigurationKey } from "./configuration/keys";
import { runCommand } from "./runCommand";

/** Writes docs/configuration.md from config.ts; `--check` fails when it is not what stands there. */
const root = join(__dirname, "..");
const file = join(root, "docs", "configuration.md");

const introduction = `# Configuration

<!-- Written by npm run generate:configuration from config.ts. -->

Every key of a stack, in \`Pulumi.STACK.yaml\` under \`azure-ml-object-detection:\`, or set by

\`\`\`sh azure
pulumi config set --stack STACK --path KEY VALUE        # a list: 'KEY[0]'; a map: KEY.NAME
\`\`\`

Unknown keys are refused with the nearest name, and all mistakes are told at once: key, value, what is allowed, and where to set it.
`;

function row({ path, type, default: value, allowed, example, description }: ConfigurationKey): string {
  const cells = [
    `\`${path}\``,
    type,
    value === undefined ? "none" : `\`${value}\``,
    allowed,
    `\`pulumi config set --path ${quoted(path, example)}\``,
    description,
  ];
  return `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
}

/** Lists and maps are set entry by entry. */
function quoted(path: string, example: string): string {
  const value: unknown = /^[[{]/.test(example) ? JSON.parse(example) : example;
  if (Array.isArray(value)) return `'${path}[0]' ${shellWord(String(value[0] ?? "VALUE"))}`;
  if (typeof value !== "object" || value === null) return `${path} ${shellWord(example)}`;
  const [[name = "NAME", entry = "VALUE"] = []] = Object.entries(value as Record<string, string>);
  return `${path}.${name} ${shellWord(String(entry))}`;
}

function shellWord(text: string): string {
  return /^[\w./:@%+=,-]+$/.test(text) ? text : `'${text}'`;
}

function reference(keys: readonly ConfigurationKey[]): string {
  const head = "| key | type | default | allowed | example | meaning |\n| --- | --- | --- | --- | --- | --- |";
  const sections = [...new Set(keys.map(({ path }) => path.split(".")[0] ?? ""))].filter((name) =>
    keys.some(({ path }) => path.startsWith(`${name}.`)),
  );
  const table = (rows: readonly ConfigurationKey[]) =>
    [head, ...rows.filter(({ isSection }) => !isSection).map(row)].join("\n");
  const top = keys.filter(({ path, isSection }) => !path.includes(".") && !isSection);
  const parts = sections.map((name) => {
    const inside = keys.filter(({ path }) => path.startsWith(`${name}.`));
    const notes = inside
      .filter(({ isSection }) => isSection)
      .map(({ path, description }) => `- \`${path}\`: ${description}`);
    const about = keys.find(({ path }) => path === name)?.description ?? "";
    return [`## ${name}`, about, table(inside), notes.join("\n")].filter(Boolean).join("\n\n");
  });
  return [introduction, table(top), ...parts].join("\n\n");
}

async function main(): Promise<void> {
  const keys = configurationKeys(schema, readComments(...configurationFiles));
  const text = await format(reference(keys), { ...(await resolveConfig(file)), parser: "markdown" });
  if (!process.argv.includes("--check")) return writeFileSync(file, text);
  if (readFileSync(file, "utf8") !== text)
    throw new UserError("docs/configuration.md is not what config.ts says. Run: npm run generate:configuration");
}

runCommand(main);
