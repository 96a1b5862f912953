import { fork, type ChildProcess } from "node:child_process";
import { join } from "node:path";
import { ArmError } from "../contracts";
import { ScoringError } from "./errors";
import type { Limits } from "./scale";
import type { Disturbance, DeploymentArguments, DeploymentMessage, ScoreAnswer, ScoreRequest } from "./messages";

export type Scored = Extract<ScoreAnswer, { detections: unknown }>["detections"];

/** One replica of a deployment: a process that has the model loaded. */
export class Replica {
  private readonly pending = new Map<number, (answer: ScoreAnswer | ScoringError) => void>();
  private next = 0;

  private constructor(
    private readonly child: ChildProcess,
    /** Resolves with how the process ended. */
    readonly ended: Promise<string>,
  ) {
    child.on("message", (message: DeploymentMessage) => {
      if ("id" in message) this.pending.get(message.id)?.(message);
    });
    child.once("exit", () => {
      for (const answer of this.pending.values())
        answer(new ScoringError(502, "The container that scored the request ended. Try again."));
    });
  }

  /** @throws ArmError when the model cannot be loaded */
  static async start(args: DeploymentArguments, environment: NodeJS.ProcessEnv): Promise<Replica> {
    const child = fork(join(__dirname, "deploymentMain.ts"), [JSON.stringify(args)], {
      env: environment,
      stdio: ["ignore", "ignore", "inherit", "ipc"],
    });
    const ended = new Promise<string>((resolve) => {
      // A process that cannot be started has no exit.
      child.on("error", (error) => child.pid === undefined && resolve(error.message));
      child.once("exit", (code, signal) => resolve(signal ?? `status ${code}`));
    });
    const message = await Promise.race([
      new Promise<DeploymentMessage>((resolve) => child.once("message", resolve)),
      ended.then((how): DeploymentMessage => ({ failed: `its process ended (${how})` })),
    ]);
    if ("failed" in message)
      throw new ArmError(400, "UserError", `The deployment's container did not start: ${message.failed}`);
    return new Replica(child, ended);
  }

  /** Requests that it is at work on. */
  get busy(): number {
    return this.pending.size;
  }

  get pid(): number | undefined {
    return this.child.pid;
  }

  /** @throws ScoringError */
  async score(
    images: string[],
    { timeoutMs, timeoutStatus }: Pick<Limits, "timeoutMs" | "timeoutStatus">,
    disturbance?: Disturbance,
  ): Promise<Scored> {
    const id = this.next++;
    let timer: NodeJS.Timeout | undefined;
    try {
      const answer = await new Promise<ScoreAnswer | ScoringError>((resolve) => {
        const late = new ScoringError(timeoutStatus, "The request took longer than the deployment's request timeout.");
        // In real time, as the client's own.
        timer = setTimeout(() => resolve(late), timeoutMs);
        this.pending.set(id, resolve);
        this.child.send({ id, images, ...disturbance } satisfies ScoreRequest, (error) => {
          if (error) resolve(new ScoringError(503, `The replica cannot be reached: ${error.message}`));
        });
      });
      if (answer instanceof ScoringError) throw answer;
      if ("detections" in answer) return answer.detections;
      throw answer.index === undefined
        ? new ScoringError(424, `The model failed: ${answer.error}`, answer.status ?? 500)
        : new ScoringError(400, `input_data.data[${answer.index}] is no picture that can be decoded: ${answer.error}`);
    } finally {
      clearTimeout(timer);
      this.pending.delete(id);
    }
  }

  stop(): void {
    this.child.kill("SIGKILL");
  }
}
