import { spawn } from "node:child_process";
import { mkdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import lockfile from "proper-lockfile";
import writeFileAtomic from "write-file-atomic";
import { UserError } from "../../lib/errors";
import { userCacheFolder } from "../../lib/cacheFolder";
import { findPython } from "./python";

/** The release that this project is tested with; https://pypi.org/project/label-studio. */
export const labelStudioVersion = "1.23.2";

const lockRetries = { retries: 1200, minTimeout: 500, maxTimeout: 500 };
const shownEach = 25;
const keptLines = 12;

/** A Label Studio that is installed in a virtual environment of the cache folder. */
export interface Installation {
  /** Its command. */
  program: string;
  /** Makes the next {@link ensureLabelStudio} install it anew. */
  discard(): Promise<void>;
}

/**
 * Finds the installation, or makes it: about three minutes and 1 GB, once. Two that ask at once get the same one, and one that
 * a kill has left half done is made anew.
 * @throws UserError without a fitting Python, or with pip's own reason
 */
export async function ensureLabelStudio(
  environment: NodeJS.ProcessEnv,
  onProgress: (line: string) => void,
): Promise<Installation> {
  const folder = join(userCacheFolder(environment), "label-studio", labelStudioVersion);
  const venv = join(folder, "venv");
  const mark = join(folder, "complete.json");
  const installation = {
    program: join(venv, "bin", "label-studio"),
    discard: () => rm(mark, { force: true }),
  };
  if (await isComplete(mark, venv, environment)) return installation;
  await mkdir(folder, { recursive: true });
  const release = await lockfile.lock(folder, { retries: lockRetries, stale: 15_000 });
  try {
    if (await isComplete(mark, venv, environment)) return installation;
    await installation.discard();
    await install(venv, environment, onProgress);
    await writeFileAtomic(mark, JSON.stringify({ version: labelStudioVersion }));
    return installation;
  } finally {
    await release();
  }
}

/** An installation without its mark is half done; one whose Python was removed or updated answers no more. */
async function isComplete(mark: string, venv: string, environment: NodeJS.ProcessEnv): Promise<boolean> {
  if ((await readFile(mark, "utf8").catch(() => undefined)) === undefined) return false;
  const code = `from importlib.metadata import version; import django; print(version("label-studio"))`;
  const { status, lines } = await run(join(venv, "bin", "python"), ["-c", code], environment);
  return status === 0 && lines.at(-1) === labelStudioVersion;
}

async function install(
  venv: string,
  environment: NodeJS.ProcessEnv,
  onProgress: (line: string) => void,
): Promise<void> {
  const python = await findPython(environment);
  onProgress(
    `installing Label Studio ${labelStudioVersion} with Python ${python.version}; about 3 minutes and 1 GB, once`,
  );
  await rm(venv, { recursive: true, force: true });
  const made = await run(python.command, ["-m", "venv", venv], environment);
  if (made.status !== 0) throw await failed("The virtual environment could not be made", venv, made.lines);
  let packages = 0;
  const options = ["--disable-pip-version-check", "--no-input", "--progress-bar", "off"];
  const installed = await run(
    join(venv, "bin", "python"),
    ["-m", "pip", "install", ...options, `label-studio==${labelStudioVersion}`],
    environment,
    (line) => {
      if (line.startsWith("Collecting ") && ++packages % shownEach === 0)
        onProgress(`installing Label Studio: ${packages} packages found`);
      if (line.startsWith("Installing collected")) onProgress(`installing Label Studio: writing ${packages} packages`);
    },
  );
  if (installed.status !== 0) throw await failed("pip could not install it", venv, installed.lines);
}

/** What is half done goes, since a full disk may be the reason. */
async function failed(what: string, venv: string, lines: readonly string[]): Promise<UserError> {
  await rm(venv, { recursive: true, force: true });
  return new UserError(
    `Label Studio ${labelStudioVersion} was not installed in ${venv}. ${what}:\n${lines.join("\n")}\n` +
      'Mend the cause (no network? a full disk?), and run "npm run local:labeling" again.',
  );
}

/** Runs a command to its end; of what it printed, the last lines. */
function run(
  command: string,
  args: readonly string[],
  environment: NodeJS.ProcessEnv,
  onLine: (line: string) => void = () => {},
): Promise<{ status: number; lines: string[] }> {
  return new Promise((resolve) => {
    const child = spawn(command, args, { env: environment, stdio: ["ignore", "pipe", "pipe"] });
    const lines: string[] = [];
    for (const stream of [child.stdout, child.stderr])
      createInterface({ input: stream }).on("line", (line) => {
        onLine(line);
        // Of those of one kind that pip repeats, the last one says it all.
        if (isRetry(line) && isRetry(lines.at(-1))) lines.pop();
        lines.push(line);
        if (lines.length > keptLines) lines.shift();
      });
    child.on("error", (error) => resolve({ status: -1, lines: [error.message] }));
    child.on("close", (status) => resolve({ status: status ?? -1, lines }));
  });
}

function isRetry(line = ""): boolean {
  return line.startsWith("WARNING: Retrying (");
}
