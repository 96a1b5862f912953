import { spawn } from "node:child_process";
import { join } from "node:path";
import { UserError } from "../lib/errors";

interface Run {
  /** Arguments of the CLI, the stack among them. */
  args: readonly string[];
  /** Whether it runs against the local cloud. */
  local: boolean;
  /** Whether what it prints on the standard output is answered, in place of being shown. */
  captured: boolean;
}

/** Runs the Pulumi CLI, and answers how it ended. @throws UserError when it is not there */
export function runPulumiCli({ args, local, captured }: Run): Promise<{ status: number; output: string }> {
  const root = join(__dirname, "..");
  const command = local ? process.execPath : "pulumi";
  const before = local ? [require.resolve("tsx/cli"), join(root, "local", "cli.ts"), "pulumi"] : [];
  return new Promise((resolve, reject) => {
    const child = spawn(command, [...before, ...args, "--non-interactive"], {
      cwd: root,
      stdio: ["ignore", captured ? "pipe" : "inherit", "inherit"],
    });
    let output = "";
    child.stdout?.setEncoding("utf8").on("data", (text: string) => (output += text));
    // The engine ends what it has begun and writes its state, as at a terminal.
    const forward = (signal: NodeJS.Signals) => child.kill(signal);
    for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, forward);
    child.on("error", (error: NodeJS.ErrnoException) =>
      reject(error.code === "ENOENT" ? new UserError('"pulumi" is not on the PATH. Install it.') : error),
    );
    child.on("close", (status) => {
      for (const signal of ["SIGINT", "SIGTERM"] as const) process.off(signal, forward);
      resolve({ status: status ?? 1, output });
    });
  });
}

/**
 * What a preview says, as JSON.
 * @throws UserError when it says nothing
 */
export async function previewJson(stack: string, local: boolean, ...more: string[]): Promise<string> {
  const args = ["preview", "--json", "--stack", stack, ...more];
  const { status, output } = await runPulumiCli({ args, local, captured: true });
  // A preview that fails still says why, in its diagnostics.
  if (status === 0 || /^\{/m.test(output)) return output;
  throw new UserError(`pulumi preview --stack ${stack} ended with status ${status}. See what it said above.`);
}
