import { spawn, spawnSync } from "node:child_process";
import { join } from "node:path";

const root = join(__dirname, "..", "..");
const limitMs = 240_000;
/** `script` of util-linux gives a command a terminal. */
const hasScript = /util-linux/.test(spawnSync("script", ["--version"], { encoding: "utf8" }).stdout ?? "");

/** Says, once a file, what is left out. */
export const describeOnTerminal: typeof describe.skip = hasScript
  ? describe
  : Object.assign((...args: Parameters<typeof describe.skip>) => {
      console.warn("script of util-linux is not installed, so the tests on a terminal are LEFT OUT");
      describe.skip(...args);
    }, describe.skip);

export const controlC = "\u0003";

export interface OnTerminal {
  status: number;
  output: string;
}

/**
 * Runs a command line on a terminal of its own, to its end and within a time limit.
 * @param type what is typed, by what has been shown so far; asked at each output, until it answers something
 */
export function onTerminal(
  command: string,
  env: NodeJS.ProcessEnv = {},
  type: (shown: string) => string | undefined = () => undefined,
): Promise<OnTerminal> {
  const { NO_COLOR: _, FORCE_COLOR: __, CI: ___, ...environment } = process.env;
  const child = spawn("script", ["-qefc", command, "/dev/null"], {
    cwd: root,
    env: { ...environment, TERM: "xterm", COLUMNS: "120", LINES: "40", ...env },
    stdio: ["pipe", "pipe", "inherit"],
    timeout: limitMs,
  });
  let output = "";
  let typed = false;
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    output += text;
    const keys = typed ? undefined : type(output);
    if (keys === undefined) return;
    typed = true;
    child.stdin.write(keys);
  });
  return new Promise((resolve) => child.on("close", (code) => resolve({ status: code ?? -1, output })));
}
