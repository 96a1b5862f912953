import { spawn } from "node:child_process";
import { join } from "node:path";
import { UserError } from "../lib/errors";
import { interruptedStatus } from "../lib/exitStatus";
import { typescriptOptions } from "../lib/typescript";

const projectFolder = join(__dirname, "..");
const localCommand = [...typescriptOptions, join(projectFolder, "local", "cli.ts")];

/** The CLI with its arguments, for a stack of Azure or of the local cloud. */
function commandLine(stack: string, args: readonly string[], local: boolean): [command: string, args: string[]] {
  if (!local) return ["pulumi", [...args, "--non-interactive", "--stack", stack]];
  return [process.execPath, [...localCommand, "pulumi", ...args, ...(stack === "local" ? [] : ["--stack", stack])]];
}

/**
 * Runs the Pulumi CLI for a stack, in sight of whoever looks on; answers its exit status, {@link interruptedStatus} after a
 * Ctrl-C or SIGTERM.
 * @param environment what its environment has besides
 */
export function runPulumi(
  stack: string,
  args: readonly string[],
  { local, environment = {} }: { local: boolean; environment?: Record<string, string> },
): Promise<number> {
  let interrupted = false;
  // The engine ends what it has begun and writes its state. A terminal has sent its SIGINT to the engine as well, which would
  // take another one for the second Ctrl-C and give up.
  const forward = (signal: NodeJS.Signals) => {
    interrupted = true;
    if (signal === "SIGTERM" || !process.stdin.isTTY) child.kill(signal);
  };
  // Before it is started: on a busy machine it is at work before its starter goes on.
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, forward);
  const child = spawn(...commandLine(stack, args, local), {
    cwd: projectFolder,
    env: { ...process.env, ...environment },
    stdio: "inherit",
  });
  return new Promise<number>((resolve, reject) => {
    child.on("error", (error) => reject(notFound(error)));
    child.on("close", (status) => resolve(interrupted ? interruptedStatus : (status ?? 1)));
  }).finally(() => {
    for (const signal of ["SIGINT", "SIGTERM"] as const) process.off(signal, forward);
  });
}

/**
 * What the Pulumi CLI prints for a stack.
 * @param isGood whether an output with another status than 0 is of use all the same
 * @param environment what its environment has besides
 * @param local whether it is a stack of the local cloud; the stack "local" always is
 */
export function pulumiOutput(
  stack: string,
  args: readonly string[],
  {
    isGood = () => false,
    environment = {},
    local = stack === "local",
  }: { isGood?: (output: string) => boolean; environment?: Record<string, string>; local?: boolean } = {},
): Promise<string> {
  const [command, all] = commandLine(stack, args, local);
  return new Promise((resolve, reject) => {
    const child = spawn(command, all, {
      cwd: projectFolder,
      env: { ...process.env, ...environment },
      stdio: ["ignore", "pipe", "inherit"],
    });
    let output = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => (output += text));
    child.on("error", (error) => reject(notFound(error)));
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

function notFound(error: NodeJS.ErrnoException): Error {
  if (error.code !== "ENOENT") return error;
  return new UserError(
    '"pulumi" is not on the PATH. Install it from https://www.pulumi.com/docs/install, or pipe in what it prints.',
  );
}

/** Set in the environment of a command that runs against the local cloud. */
const mark = "LOCAL_CLOUD_COMMAND";

/** Exit status of `local exec` where the command did not run at all. */
const didNotRun = 126;

/**
 * Runs a command that talks to the cloud of a stack: for the stack "local" once more, with the local cloud in its environment,
 * whose certificate Node.js takes up only at its start.
 * @throws UserError when it could not be run there
 */
export async function inCloudOf(stack: string, command: () => Promise<void>): Promise<void> {
  if (stack !== "local" || process.env[mark]) return command();
  const [script = "", ...args] = process.argv.slice(1);
  const again = [...localCommand, "exec", process.execPath, ...typescriptOptions, script, ...args];
  const child = spawn(process.execPath, again, { stdio: "inherit", env: { ...process.env, [mark]: "1" } });
  const status = await new Promise<number>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => resolve(code ?? didNotRun));
  });
  if (status === didNotRun) throw new UserError("The local cloud could not be used. See what it said above.");
  process.exitCode = status;
}
