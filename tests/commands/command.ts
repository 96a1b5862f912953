import { execFile } from "node:child_process";
import { join } from "node:path";
import { typescriptOptions } from "../../lib/typescript";

export interface Ended {
  status: number;
  stdout: string;
  stderr: string;
}

const limitMs = 50_000;

/** An environment that asks for no colours: on a terminal Jest forces them on what it starts. */
export function plain(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const { FORCE_COLOR: _, ...others } = environment;
  return others;
}

/** The arguments by which Node runs a command line tool as package.json does. */
export function commandLine(name: string, args: readonly string[]): string[] {
  return [...typescriptOptions, join(__dirname, `../../commands/${name}.ts`), ...args];
}

/**
 * Runs a command line tool to its end, within a time limit.
 * @param name of its file
 * @param node options of Node itself
 */
export function runTool(
  name: string,
  args: readonly string[],
  { env = plain(process.env), node = [] }: { env?: NodeJS.ProcessEnv; node?: readonly string[] } = {},
): Promise<Ended> {
  const settings = { env, timeout: limitMs, maxBuffer: 64 * 1024 * 1024 };
  return new Promise((resolve) => {
    execFile(process.execPath, [...node, ...commandLine(name, args)], settings, (error, stdout, stderr) =>
      resolve({ status: error ? Number(error.code) : 0, stdout, stderr }),
    );
  });
}
