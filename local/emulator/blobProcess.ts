import { fork, type ChildProcess } from "node:child_process";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { UserError } from "../../lib/errors";
import type { FaultRule } from "./admin/faults";
import type { BlobAnswer, BlobProcessArguments, BlobRequest } from "./blobServiceMain";

/** What the blob service goes by. */
export type BlobSettings = Omit<BlobRequest, "request">;

const longestRestartPauseMs = 10_000;
const nodeOptions = [
  // Index and connections of the blob service need little; a small young generation keeps its memory low.
  "--max-semi-space-size=4",
  // Loaded before the loader of TypeScript, which would read each of its thousand files once more: half a second.
  ...["--require", require.resolve("azurite/dist/src/blob/BlobServer")],
];

/** Azurite as a child process, begun before its accounts are known so that both processes load at the same time. */
export class BlobProcess {
  private child: ChildProcess;
  private stopping = false;
  private lastRequest = 0;
  private readonly waiting = new Map<number, { resolve: () => void; reject: (error: Error) => void }>();
  private settings: BlobSettings = { accounts: "", clock: [], checkingKey: "", grants: {}, faults: [] };
  private fired: (id: string) => void = () => {};

  constructor(private readonly args: BlobProcessArguments) {
    this.child = this.launch();
  }

  /** Opens the port. @throws UserError when another program has it */
  async serve(settings: Omit<BlobSettings, "faults">, onEnd: (reason: object) => void): Promise<void> {
    this.settings = { ...this.settings, ...settings };
    try {
      await this.send();
    } catch (error) {
      throw new UserError(
        `The blob service did not start on port ${this.args.port}: ${(error as Error).message}. ` +
          'If another program has the port, end it or set LOCAL_BLOB_PORT to a free one (stored addresses change with it); "npm run local:reset" begins anew.',
      );
    }
    this.restartWhenEnded(onEnd);
  }

  /** Makes a change known; resolves when the service goes by it. */
  async change(settings: Partial<BlobSettings>): Promise<void> {
    this.settings = { ...this.settings, ...settings };
    await this.send();
  }

  /** Makes known which requests are to go wrong; resolves when it is. */
  setFaults(faults: readonly FaultRule[]): Promise<void> {
    return this.change({ faults });
  }

  /** Who wants to know of each fault that fires. */
  onFault(fired: (id: string) => void): void {
    this.fired = fired;
  }

  async stop(): Promise<void> {
    this.stopping = true;
    const { child } = this;
    if (child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise((resolve) => child.once("exit", resolve));
    if (child.connected) child.disconnect();
    await ended;
  }

  private launch(): ChildProcess {
    const child = fork(join(__dirname, "blobServiceMain.ts"), [JSON.stringify(this.args)], {
      stdio: ["ignore", "ignore", "inherit", "ipc"],
      execArgv: [...nodeOptions, ...process.execArgv],
    });
    child.on("message", (answer: BlobAnswer) => {
      if ("fired" in answer) return this.fired(answer.fired);
      const { request, failed } = answer;
      const waiting = this.waiting.get(request);
      this.waiting.delete(request);
      if (failed === undefined) waiting?.resolve();
      else waiting?.reject(new Error(failed));
    });
    child.on("error", () => {});
    child.once("exit", (code, signal) => {
      for (const { reject } of this.waiting.values())
        reject(new Error(`the blob service ended (${signal ?? `status ${code}`})`));
      this.waiting.clear();
    });
    return child;
  }

  private send(): Promise<void> {
    const request = ++this.lastRequest;
    return new Promise((resolve, reject) => {
      this.waiting.set(request, { resolve, reject });
      this.child.send({ request, ...this.settings } satisfies BlobRequest, (error) => {
        if (error && this.waiting.delete(request)) reject(error);
      });
    });
  }

  private restartWhenEnded(onEnd: (reason: object) => void): void {
    this.child.once("exit", (code, signal) => {
      if (this.stopping) return;
      onEnd({ code, signal });
      void this.restart(onEnd);
    });
  }

  private async restart(onEnd: (reason: object) => void): Promise<void> {
    for (let pauseMs = 100; !this.stopping; pauseMs = Math.min(pauseMs * 2, longestRestartPauseMs)) {
      this.child = this.launch();
      try {
        await this.send();
        return this.restartWhenEnded(onEnd);
      } catch (error) {
        onEnd({ error });
        this.child.kill("SIGKILL");
        await sleep(pauseMs);
      }
    }
  }
}
