import { spawn } from "node:child_process";
import { join } from "node:path";
import { UserError } from "../../lib/errors";
import { typescriptOptions } from "../../lib/typescript";
import type { Declared } from "../../lib/preflight/policies/fields";

/** What a program is run for. */
export interface Program {
  project: string;
  /** Without its organization. */
  stack: string;
  subscriptionId: string;
  /** Configuration, by whole keys. */
  values: Readonly<Record<string, string>>;
}

const longestMs = 120_000;

/**
 * What the program declares for a stack, by running it without an engine and without a cloud.
 * @throws UserError with what it said, where it does not run
 */
export function declaredBy(program: Program): Promise<Declared[]> {
  const child = spawn(process.execPath, [...typescriptOptions, join(__dirname, "declaredMain.ts")], {
    cwd: join(__dirname, "..", ".."),
    stdio: ["pipe", "pipe", "pipe"],
    timeout: longestMs,
  });
  const output = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"] as const)
    child[name].setEncoding("utf8").on("data", (text: string) => (output[name] += text));
  child.stdin.end(JSON.stringify(program));
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (status) => {
      // The program may print before it.
      if (status === 0) return resolve(JSON.parse(output.stdout.trim().split("\n").at(-1) ?? "") as Declared[]);
      const said = output.stderr.trim().split("\n").at(-1) || `it ended with status ${status}`;
      reject(new UserError(`the program does not run with this configuration: ${said}`));
    });
  });
}
