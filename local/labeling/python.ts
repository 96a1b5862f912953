import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { UserError } from "../../lib/errors";

const execute = promisify(execFile);

/** Newest first: what is found first is taken. */
const candidates = ["python3", "python3.13", "python3.12", "python3.11", "python3.10", "python"];
const probeLimitMs = 20_000;
/** Says the version, and fails where virtual environments with pip cannot be made. */
const probe = "import sys, venv, ensurepip; print('.'.join(map(str, sys.version_info[:3])))";

export interface Python {
  command: string;
  version: string;
}

/**
 * A Python that Label Studio runs on: 3.10 or later, able to make virtual environments. LOCAL_PYTHON names another one than
 * those on the PATH.
 * @throws UserError with what was found instead
 */
export async function findPython(environment: NodeJS.ProcessEnv): Promise<Python> {
  const found: string[] = [];
  const named = environment.LOCAL_PYTHON;
  for (const command of named ? [named] : candidates) {
    const outcome = await ask(command, environment);
    if (outcome === undefined) continue;
    const [major = 0, minor = 0] = (outcome.version ?? "").split(".").map(Number);
    if (major === 3 && minor >= 10) return { command, version: outcome.version ?? "" };
    found.push(`${command} (${outcome.version ?? outcome.problem})`);
  }
  const nothing = named ? `${named} of LOCAL_PYTHON cannot be run` : "there is none on the PATH";
  const what = found.length > 0 ? `found is only ${found.join(", ")}` : nothing;
  throw new UserError(
    `Label Studio needs Python 3.10 or later with venv and pip; ${what}. Install one (https://www.python.org/downloads, or on ` +
      'Debian and Ubuntu "apt install python3 python3-venv"), or set LOCAL_PYTHON to its path.',
  );
}

/** Undefined for a command that is not there. */
async function ask(
  command: string,
  environment: NodeJS.ProcessEnv,
): Promise<{ version?: string; problem?: string } | undefined> {
  try {
    const { stdout } = await execute(command, ["-c", probe], { env: environment, timeout: probeLimitMs });
    return { version: stdout.trim() };
  } catch (error) {
    const { code, stderr = "" } = error as NodeJS.ErrnoException & { stderr?: string };
    if (code === "ENOENT" || code === "EACCES") return undefined;
    return { problem: stderr.trim().split("\n").at(-1) || "it fails" };
  }
}
