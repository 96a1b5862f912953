import { rm } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import type { Cloud, ResourceRecord } from "../contracts";
import { deploymentPrincipal } from "../rbac/principals";
import type { Timer } from "../time/clock";
import { ScoringError } from "./errors";
import type { DeploymentArguments, Disturbance } from "./messages";
import { fetchModel, thresholdsOf } from "./modelFile";
import { Replica, type Scored } from "./replica";
import { limitsOf, type Limits } from "./scale";

const shortestPauseMs = 100;
const longestPauseMs = 10_000;
/** How long a replica beyond the least ones may idle, in local time. */
const idleMs = 60_000;

/** A place for a replica; empty while that is started, or started again. */
interface Slot {
  replica?: Replica;
  idleSince: number;
}

/** A deployment that serves, with replicas in processes of their own, which are started again when they end. */
export class Deployment {
  private readonly slots: Slot[] = [];
  private readonly waiting = new Set<() => void>();
  private readonly limits: Limits;
  private stopped = false;
  /** What its replicas do wrong, for a test, and with which share of the requests. */
  disturbed: (Disturbance & { share?: number }) | undefined;
  private timer: Timer | undefined;

  private constructor(
    private readonly record: ResourceRecord,
    private readonly cloud: Cloud,
  ) {
    this.limits = limitsOf(record);
  }

  /** Starts as many replicas as there are at least, and waits for them. @throws ArmError when the model cannot be loaded */
  static async start(record: ResourceRecord, cloud: Cloud): Promise<Deployment> {
    const deployment = new Deployment(record, cloud);
    const { least } = deployment.limits;
    const started = await Promise.allSettled(Array.from({ length: least }, () => deployment.launch()));
    const failed = started.find((outcome) => outcome.status === "rejected");
    for (const outcome of started) if (outcome.status === "fulfilled") deployment.addSlot(outcome.value);
    if (!failed) return deployment;
    deployment.stop();
    throw failed.reason;
  }

  /** Begins with what served before a restart, without waiting for it. */
  static resume(record: ResourceRecord, cloud: Cloud): Deployment {
    const deployment = new Deployment(record, cloud);
    for (let count = 0; count < deployment.limits.least; count++) deployment.addSlot();
    return deployment;
  }

  /** Ready replicas, and those that there are to be. */
  get size(): { ready: number; wanted: number } {
    return { ready: this.slots.filter(({ replica }) => replica).length, wanted: this.slots.length };
  }

  /** @throws ScoringError 503 while no replica is ready, 429 while all have as much as they take, or the queue is full */
  async score(images: string[]): Promise<Scored> {
    const slot = await this.freeSlot();
    try {
      const { share = 1, ...disturbance } = this.disturbed ?? {};
      const isMet = this.disturbed !== undefined && Math.random() < share;
      return await slot.replica.score(images, this.limits, isMet ? disturbance : undefined);
    } finally {
      slot.idleSince = this.cloud.clock.now();
      this.wake();
      this.scheduleShrink();
    }
  }

  /** Kills a replica as a lost pod would end; its process, or undefined when there is none. */
  kill(index: number): number | undefined {
    const replica = this.slots[index]?.replica;
    replica?.stop();
    return replica?.pid;
  }

  stop(): void {
    this.stopped = true;
    this.timer?.cancel();
    for (const { replica } of this.slots.splice(0)) replica?.stop();
    this.wake();
  }

  private async freeSlot(): Promise<Slot & { replica: Replica }> {
    const deadline = performance.now() + this.limits.queueMs;
    const busy = this.slots.reduce((sum, { replica }) => sum + (replica?.busy ?? 0), this.waiting.size);
    if (busy >= this.limits.longestQueue * this.slots.length) throw tooMany();
    for (;;) {
      const free = this.slots
        .filter(
          (slot): slot is Slot & { replica: Replica } => (slot.replica?.busy ?? Infinity) < this.limits.concurrent,
        )
        .sort((a, b) => a.replica.busy - b.replica.busy)[0];
      if (free) return free;
      if (this.size.ready > 0 && this.slots.length < this.limits.most) this.addSlot();
      const left = deadline - performance.now();
      if (left <= 0 || this.stopped) break;
      await this.changeWithin(left);
    }
    throw this.size.ready === 0 ? new ScoringError(503, "No replica of the deployment is ready.") : tooMany();
  }

  /** Resolves when a replica may have become free, or after a time. */
  private async changeWithin(ms: number): Promise<void> {
    const over = new AbortController();
    const end = () => over.abort();
    this.waiting.add(end);
    await sleep(ms, undefined, { signal: over.signal }).catch(() => {});
    this.waiting.delete(end);
  }

  private wake(): void {
    for (const end of this.waiting) end();
  }

  private addSlot(replica?: Replica): void {
    const slot: Slot = { idleSince: this.cloud.clock.now() };
    this.slots.push(slot);
    void this.keep(slot, replica);
  }

  /** Starts the replica of a place again whenever it ends by itself, as Kubernetes does. */
  private async keep(slot: Slot, first: Replica | undefined): Promise<void> {
    const isWanted = () => this.slots.includes(slot);
    const { log } = this.cloud;
    for (let pauseMs = shortestPauseMs, next = first; isWanted(); next = undefined) {
      try {
        const replica = next ?? (await this.launch());
        if (!isWanted()) return replica.stop();
        slot.replica = replica;
        this.wake();
        const how = await replica.ended;
        slot.replica = undefined;
        if (isWanted()) log.warn({ deployment: this.record.id, how }, "a replica ended; starting it again");
        pauseMs = shortestPauseMs;
      } catch (error) {
        log.error({ err: error, deployment: this.record.id }, "a replica does not start; trying again");
        await sleep(pauseMs, undefined, { ref: false });
        pauseMs = Math.min(pauseMs * 2, longestPauseMs);
      }
    }
  }

  private scheduleShrink(): void {
    if (this.slots.length <= this.limits.least) return;
    this.timer?.cancel();
    this.timer = this.cloud.clock.at(this.cloud.clock.now() + idleMs, () => this.shrink());
  }

  private shrink(): void {
    const now = this.cloud.clock.now();
    const isIdle = ({ replica, idleSince }: Slot) => replica?.busy === 0 && idleSince + idleMs <= now;
    for (const slot of this.slots.slice(this.limits.least).filter(isIdle)) {
      this.slots.splice(this.slots.indexOf(slot), 1);
      slot.replica?.stop();
    }
    this.scheduleShrink();
  }

  /** Fetches the registered model and starts a process with it. @throws ArmError when it cannot be loaded */
  private async launch(): Promise<Replica> {
    const { environmentVariables } = this.record.properties as { environmentVariables?: Record<string, string> };
    const principal = deploymentPrincipal(this.record, this.cloud);
    const modelFile = await fetchModel(String(this.record.properties.model), principal, this.cloud);
    try {
      const args: DeploymentArguments = {
        modelFile,
        ...thresholdsOf(environmentVariables),
      };
      return await Replica.start(args, this.cloud.childEnvironment(principal));
    } finally {
      await rm(modelFile, { force: true });
    }
  }
}

function tooMany(): ScoringError {
  return new ScoringError(429, "The deployment has as many requests as its replicas take.");
}
