import { existsSync } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parse, stringify } from "yaml";
import { UserError } from "../lib/errors";
import { projectName } from "../lib/project";
import { projectFolder, type StateFolders } from "./state";

export const defaultStack = "local";

interface Settings {
  config?: Record<string, unknown>;
  encryptionsalt?: string;
}

/** Commands of the CLI that run the program or what it has made, by the configuration of a stack. */
const configured = new Set(["up", "update", "preview", "refresh", "destroy", "import", "watch"]);

/** The stack that arguments of the CLI name. */
export function chosenStack(args: readonly string[]): string {
  for (const [index, arg] of args.entries()) {
    const [, joined] = /^--stack=(.+)$/.exec(arg) ?? [];
    const name = joined ?? (arg === "--stack" || arg === "-s" ? args[index + 1] : undefined);
    if (name !== undefined) return name.split("/").at(-1) ?? name;
  }
  return defaultStack;
}

/**
 * The configuration of an environment on the local cloud: `Pulumi.STACK.yaml`, and over it what `Pulumi.local.yaml` says,
 * which is what the local cloud needs (its sample, no certificate, no questions to others). Answers the file.
 * @throws UserError when the environment has no configuration
 */
export async function writeStackConfig(stack: string, { pulumi }: Pick<StateFolders, "pulumi">): Promise<string> {
  const own = join(projectFolder, `Pulumi.${stack}.yaml`);
  if (stack === defaultStack) return own;
  if (!existsSync(own))
    throw new UserError(
      `There is no stack "${stack}": ${own} is not there. Write it, or leave --stack out for the stack "${defaultStack}".`,
    );
  const environment = parse(await readFile(own, "utf8")) as Settings;
  const local = parse(await readFile(join(projectFolder, `Pulumi.${defaultStack}.yaml`), "utf8")) as Settings;
  const folder = join(pulumi, "environments");
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const file = join(folder, `Pulumi.${stack}.yaml`);
  const config = laidOver(environment.config, local.config) as Record<string, { tls?: unknown } | undefined>;
  // The router has a certificate or is insecure, and there is none here.
  delete config[`${projectName}:serving`]?.tls;
  const settings = { config, encryptionsalt: local.encryptionsalt };
  await writeFile(file, stringify(settings), { mode: 0o600 });
  return file;
}

/** The arguments, with the configuration of their stack where the command takes one and none was named. */
export function withConfigFile(args: readonly string[], file: string): string[] {
  const command = args.find((arg) => !arg.startsWith("-"));
  const takesOne = namedConfigFile(args) === undefined && configured.has(command ?? "");
  return takesOne ? [...args, "--config-file", file] : [...args];
}

/** The configuration that arguments of the CLI name. */
export function namedConfigFile(args: readonly string[]): string | undefined {
  const at = args.findIndex((arg) => /^--config-file(=|$)/.test(arg));
  return at < 0 ? undefined : (args[at]?.split("=", 2)[1] ?? args[at + 1]);
}

/** Objects key by key, all else as a whole. */
function laidOver(below: unknown, above: unknown): unknown {
  if (!isObject(below) || !isObject(above)) return above ?? below;
  const keys = new Set([...Object.keys(below), ...Object.keys(above)]);
  return Object.fromEntries([...keys].map((key) => [key, laidOver(below[key], above[key])]));
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
