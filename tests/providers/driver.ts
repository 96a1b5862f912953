import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { cloudEnvironment, withoutAzure, type CloudRecord } from "../../local/environment";

export interface Outcome<Outputs> {
  answer?: { id: string; outs: Outputs };
  thrown?: { message: string; id?: string; properties?: Outputs };
  /** What people would see. */
  printed: string;
}

/** Starts a method of a lifecycle in a process of its own, which trusts the local cloud. */
export function start(record: CloudRecord, folder: string, method: string, args: readonly unknown[]): ChildProcess {
  const main = join(__dirname, "driverMain.cjs");
  return spawn(process.execPath, [main, folder, method, JSON.stringify(args)], {
    env: { ...withoutAzure(process.env), ...cloudEnvironment(record) },
    stdio: ["ignore", "pipe", "inherit"],
  });
}

/** What a started method ended with; undefined when it was killed. */
export async function outcome<Outputs>(child: ChildProcess): Promise<Outcome<Outputs> | undefined> {
  let text = "";
  child.stdout?.on("data", (chunk: Buffer) => (text += chunk.toString("utf8")));
  await once(child, "close");
  if (child.signalCode) return undefined;
  const lines = text.trimEnd().split("\n");
  return { ...(JSON.parse(lines.at(-1) ?? "") as Outcome<Outputs>), printed: lines.slice(0, -1).join("\n") };
}

export async function call<Outputs>(
  record: CloudRecord,
  folder: string,
  method: string,
  ...args: unknown[]
): Promise<Outcome<Outputs>> {
  const ended = await outcome<Outputs>(start(record, folder, method, args));
  if (!ended) throw new Error(`${folder}.${method} was killed`);
  return ended;
}
