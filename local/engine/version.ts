import { execFile } from "node:child_process";
import { promisify } from "node:util";

const run = promisify(execFile);

/** Version that is built, and what its SDK speaks. */
export const builtVersion = "3.248.0";
/** Older engines lack what the Node SDK of this project asks for. */
export const leastVersion = "3.248.0";

/** What `pulumi version` says, or undefined when the file does not run. */
export async function versionOf(pulumi: string): Promise<string | undefined> {
  try {
    const { stdout } = await run(pulumi, ["version"], {
      timeout: 20_000,
      env: { ...process.env, PULUMI_SKIP_UPDATE_CHECK: "1" },
    });
    return /v?(\d+\.\d+\.\d+)/.exec(stdout)?.[1];
  } catch {
    return undefined;
  }
}

/** Whether version `a` is at least `b`; three numbers each. */
export function atLeast(a: string, b: string): boolean {
  const [left, right] = [a, b].map((version) => version.split(".").map(Number));
  for (let index = 0; index < 3; index++) {
    const difference = (left?.[index] ?? 0) - (right?.[index] ?? 0);
    if (difference !== 0) return difference > 0;
  }
  return true;
}
