import { readFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { parse } from "yaml";
import { parseConfig, type StackConfig } from "../../config";
import { UserError } from "../errors";

export interface StackSettings {
  project: string;
  config: StackConfig;
  /** `azure-native:subscriptionId`; undefined when it is not set. */
  subscriptionId: string | undefined;
  /** All keys, as the engine hands them to a program; without the encrypted ones. */
  values: Readonly<Record<string, string>>;
}

/**
 * What a stack's settings file says, without the engine; encrypted values are left out.
 * @param file Pulumi.STACK.yaml, or another one with its keys
 * @throws UserError when it cannot be read, or with all mistakes of the configuration
 */
export function readSettings(folder: string, file: string): StackSettings {
  const { name } = read(join(folder, "Pulumi.yaml")) as { name: string };
  const { config = {} } = read(file) as { config?: Record<string, unknown> };
  const open = Object.entries(config)
    .filter(([, value]) => !isSecure(value))
    .map(([key, value]) => [key, typeof value === "string" ? value : JSON.stringify(value)] as const);
  const prefix = `${name}:`;
  const own = open.flatMap(([key, value]) => (key.startsWith(prefix) ? [[key.slice(prefix.length), value]] : []));
  const subscriptionId = config["azure-native:subscriptionId"];
  return {
    project: name,
    config: parseConfig(Object.fromEntries(own) as Record<string, string>),
    subscriptionId: typeof subscriptionId === "string" ? subscriptionId : undefined,
    values: Object.fromEntries(open),
  };
}

function isSecure(value: unknown): boolean {
  return typeof value === "object" && value !== null && "secure" in value;
}

function read(file: string): unknown {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    throw new UserError(
      `${basename(file)} cannot be read in ${dirname(file)} (${(error as Error).message}). Make it with "pulumi stack init", or name another one with --config-file.`,
    );
  }
  try {
    return parse(text) ?? {};
  } catch (error) {
    throw new UserError(`${file} is no YAML: ${(error as Error).message}`);
  }
}
