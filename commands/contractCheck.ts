import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { format, resolveConfig } from "prettier";
import { compareSchemas, versionProblems, type SchemaChange } from "../contract/compatibility";
import { platformJsonSchema, schemaVersion } from "../contract/schema";
import { combineProblems, UserError } from "../lib/errors";
import { unknownOption } from "./options";
import { runCommand } from "./runCommand";

const help = `Compares the form of the stack's output with the last one that was released, and fails when consumers would break.

  npm run -s contract:check      contract/platform.schema.json is current, and the version says what has changed
  npm run -s contract:generate   writes contract/platform.schema.json from contract/schema.ts
  npm run -s contract:release    writes contract/released/VERSION.json: from then on this version stays as it is`;

const folder = join(__dirname, "..", "contract");
const schemaFile = join(folder, "platform.schema.json");
const releases = join(folder, "released");

const options = {
  write: { type: "boolean", default: false },
  release: { type: "boolean", default: false },
  help: { type: "boolean", default: false },
} as const;

type Schema = Record<string, unknown>;

async function main(): Promise<void> {
  const { write, release, help: wantsHelp } = parseCommandLine();
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

function lastRelease(): { version: string; schema: Schema } | undefined {
  const versions = readdirSync(releases)
    .filter((name) => /^\d+\.\d+\.json$/.test(name))
    .map((name) => name.slice(0, -".json".length))
    .sort((a, b) => rank(a) - rank(b));
  const version = versions.at(-1);
  if (version === undefined) return undefined;
  return { version, schema: JSON.parse(readFileSync(join(releases, `${version}.json`), "utf8")) as Schema };
}

function rank(version: string): number {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  return major * 100_000 + minor;
}

/** The package is published under the version of the form that it knows. */
function packageProblems(): string[] {
  const { version } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as { version: string };
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

function parseCommandLine() {
  try {
    return parseArgs({ options }).values;
  } catch (error) {
    throw unknownOption(error, Object.keys(options));
  }
}

runCommand(main);
