import { spawn } from "node:child_process";
import { join } from "node:path";
import { UserError } from "../lib/errors";

const projectFolder = join(__dirname, "..");
const localCommand = [require.resolve("tsx/cli"), join(projectFolder, "local", "cli.ts")];

/**
 * What the Pulumi CLI prints for a stack; for the stack "local", on the local cloud.
 * @param isGood whether an output with another status than 0 is of use all the same
 * @param environment what its environment has besides
 */
export function pulumiOutput(
  stack: string,
  args: readonly string[],
  {
    isGood = () => false,
    environment = {},
  }: { isGood?: (output: string) => boolean; environment?: Record<string, string> } = {},
): Promise<string> {
  const [command, all] =
    stack === "local"
      ? [process.execPath, [...localCommand, "pulumi", ...args]]
      : ["pulumi", [...args, "--non-interactive", "--stack", stack]];
  return new Promise((resolve, reject) => {
    const child = spawn(command, all, {
      cwd: projectFolder,
      env: { ...process.env, ...environment },
      stdio: ["ignore", "pipe", "inherit"],
    });
    let output = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => (output += text));
    child.on("error", (error: NodeJS.ErrnoException) =>
      reject(
        error.code === "ENOENT"
          ? new UserError(
              '"pulumi" is not on the PATH. Install it from https://www.pulumi.com/docs/install, or pipe in what it prints.',
            )
          : error,
      ),
    );
    child.on("close", (status) => {
      if (status === 0 || isGood(output)) resolve(output);
      else
        reject(
          new UserError(
            `pulumi ${args.join(" ")} --stack ${stack} ended with status ${status}. See what it said above.`,
          ),
        );
    });
  });
}

/** Set in the environment of a command that runs against the local cloud. */
const mark = "LOCAL_CLOUD_COMMAND";

/**
 * Runs a command that talks to the cloud of a stack: for the stack "local" once more, with the local cloud in its environment,
 * whose certificate Node.js takes up only at its start.
 */
export async function inCloudOf(stack: string, command: () => Promise<void>): Promise<void> {
  if (stack !== "local" || process.env[mark]) return command();
  const [script = "", ...args] = process.argv.slice(1);
  const again = [...localCommand, "exec", process.execPath, "--require", require.resolve("tsx/cjs"), script, ...args];
  const child = spawn(process.execPath, again, { stdio: "inherit", env: { ...process.env, [mark]: "1" } });
  process.exitCode = await new Promise<number>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (status) => resolve(status ?? 1));
  });
}
