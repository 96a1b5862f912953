import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { cloudEnvironment, withoutAzure, type CloudRecord } from "../../local/environment";

export interface Outcome<Outputs> {
  answer?: { id: string; outs: Outputs };
  thrown?: { message: string; id?: string; properties?: Outputs };
  /** What people would see. */
  printed: string;
}

interface Waiting {
  printed: string;
  end: (outcome: Outcome<unknown> | undefined) => void;
}

/** A process that calls methods of lifecycles and trusts the local cloud, as the engine's provider process is. */
class Driver {
  readonly child: ChildProcess;
  private readonly waiting = new Map<number, Waiting>();
  private calls = 0;

  constructor(record: CloudRecord) {
    this.child = spawn(process.execPath, [join(__dirname, "driverMain.cjs")], {
      env: { ...withoutAzure(process.env), ...cloudEnvironment(record) },
      stdio: ["pipe", "pipe", "inherit"],
    });
    // A process that is killed no longer reads, which is what its test wants.
    this.child.stdin?.on("error", () => undefined);
    const lines = createInterface({ input: this.child.stdout as NodeJS.ReadableStream });
    lines.on("line", (line) => {
      const { id, printed, ...ended } = JSON.parse(line) as Partial<Outcome<unknown>> & { id: number };
      const call = this.waiting.get(id);
      if (!call) return;
      if (printed !== undefined) call.printed += printed;
      else call.end({ ...ended, printed: call.printed.trimEnd() });
    });
    this.child.once("close", () => {
      for (const { end } of this.waiting.values()) end(undefined);
    });
  }

  call(folder: string, method: string, args: readonly unknown[]): Promise<Outcome<unknown> | undefined> {
    const id = this.calls++;
    this.child.stdin?.write(`${JSON.stringify({ id, folder, method, args })}\n`);
    return new Promise((end) => this.waiting.set(id, { printed: "", end }));
  }

  async end(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode) return;
    this.child.kill("SIGKILL");
    await once(this.child, "close");
  }
}

/** The one of each cloud, which lives until the tests of its file have ended. */
const standing = new Map<string, Driver>();
afterAll(async () => {
  await Promise.all([...standing.values()].map((driver) => driver.end()));
});

const started = new WeakMap<ChildProcess, Promise<Outcome<unknown> | undefined>>();

/** Starts a method of a lifecycle in a process of its own, which can be killed. */
export function start(record: CloudRecord, folder: string, method: string, args: readonly unknown[]): ChildProcess {
  const driver = new Driver(record);
  started.set(driver.child, driver.call(folder, method, args));
  driver.child.stdin?.end();
  return driver.child;
}

/** What a started method ended with; undefined when it was killed. */
export async function outcome<Outputs>(child: ChildProcess): Promise<Outcome<Outputs> | undefined> {
  return (await started.get(child)) as Outcome<Outputs> | undefined;
}

/** Calls a method of a lifecycle in the process that serves all calls to one cloud. */
export async function call<Outputs>(
  record: CloudRecord,
  folder: string,
  method: string,
  ...args: unknown[]
): Promise<Outcome<Outputs>> {
  const key = JSON.stringify(record);
  const driver = standing.get(key) ?? new Driver(record);
  standing.set(key, driver);
  const ended = (await driver.call(folder, method, args)) as Outcome<Outputs> | undefined;
  if (!ended) throw new Error(`${folder}.${method} was killed`);
  return ended;
}
