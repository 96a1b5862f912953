import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { format, resolveConfig } from "prettier";
import { compareSchemas, versionProblems, type SchemaChange } from "../contract/compatibility";
import { platformJsonSchema, schemaVersion } from "../contract/schema";
import { combineProblems, UserError } from "../lib/errors";
import { contractFolder, lastRelease, releases } from "./contract/lastRelease";
import { parseCommandLine } from "./options";
import { runCommand } from "./runCommand";

const help = `Compares the form of the stack's output with the last one that was released, and fails when consumers would break.

  npm run -s contract:check      contract/platform.schema.json is current, and the version says what has changed
  npm run -s contract:generate   writes contract/platform.schema.json from contract/schema.ts
  npm run -s contract:release    writes contract/released/VERSION.json: from then on this version stays as it is`;

const schemaFile = join(contractFolder, "platform.schema.json");

const options = {
  write: { type: "boolean", default: false },
  release: { type: "boolean", default: false },
  help: { type: "boolean", default: false },
} as const;

type Schema = Record<string, unknown>;

async function main(): Promise<void> {
  const { write, release, help: wantsHelp } = parseCommandLine({ options }).values;
  if (wantsHelp) return console.log(help);
  const text = await formatted(platformJsonSchema());
  if (write) return writeFileSync(schemaFile, text);
  const last = lastRelease();
  const changes = last ? compareSchemas(last.schema, platformJsonSchema()) : [];
  const problems = [
    ...(last ? versionProblems(last.version, schemaVersion, changes) : []),
    ...packageProblems(),
    ...(readFileSync(schemaFile, "utf8") === text
      ? []
      : ["contract/platform.schema.json is not what contract/schema.ts says. Run: npm run contract:generate"]),
  ];
  if (problems.length > 0) throw combineProblems("The contract with other teams is broken:", problems);
  if (release) return writeRelease(text);
  console.log(summary(last?.version, changes));
}

function summary(released: string | undefined, changes: readonly SchemaChange[]): string {
  if (released === undefined) return `contract ${schemaVersion}: nothing was released yet`;
  if (changes.length === 0) return `contract ${schemaVersion}: as released`;
  return [`contract ${schemaVersion}, against the released ${released}:`, ...changes.map(line)].join("\n");
}

function line({ path, what, breaking }: SchemaChange): string {
  return `  - ${path}: ${what}${breaking ? " (breaking)" : ""}`;
}

/** The package is published under the version of the form that it knows. */
function packageProblems(): string[] {
  const { version } = JSON.parse(readFileSync(join(contractFolder, "package.json"), "utf8")) as { version: string };
  if (version.startsWith(`${schemaVersion}.`)) return [];
  return [
    `contract/package.json has version "${version}"; schemaVersion ${schemaVersion} needs "${schemaVersion}.PATCH"`,
  ];
}

function writeRelease(text: string): void {
  const file = join(releases, `${schemaVersion}.json`);
  if (existsSync(file) && readFileSync(file, "utf8") !== text)
    throw new UserError(
      `contract/released/${schemaVersion}.json is released and stays. Raise schemaVersion in contract/schema.ts.`,
    );
  writeFileSync(file, text);
  console.log(`contract ${schemaVersion} is released: contract/released/${schemaVersion}.json`);
}

async function formatted(schema: Schema): Promise<string> {
  return format(JSON.stringify(schema), { ...(await resolveConfig(schemaFile)), parser: "json" });
}

runCommand(main);
