import { join } from "node:path";

/** The folder that `--policy-pack` takes for the local stack. */
export const policyPackFolder = __dirname;
/** Has what starts the pack; goes on PATH. */
export const policyStarterFolder = join(__dirname, "bin");

const checked = new Set(["up", "update", "preview", "pre"]);

/** The arguments of the CLI with the policy pack, where the command takes one and none is named. */
export function withPolicies(args: readonly string[]): string[] {
  const at = args.findIndex((argument) => checked.has(argument));
  if (at < 0 || args.some((argument) => /^--policy-pack(=|$)/.test(argument))) return [...args];
  return [...args.slice(0, at + 1), "--policy-pack", policyPackFolder, ...args.slice(at + 1)];
}
