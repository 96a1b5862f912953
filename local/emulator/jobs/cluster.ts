import { randomBytes } from "node:crypto";
import type { LocalClock, Timer } from "../time/clock";
import { nextChange, nodeProperties, settled, usable, type ClusterNode, type Scale } from "./nodes";

/** A node that a run has. */
export interface Lease {
  node: string;
  /** Aborted when the node is taken away; the reason says whether what ran there begins again. */
  lost: AbortSignal;
  release(): void;
}

interface Waiter {
  run: string;
  resolve: (lease: Lease | undefined) => void;
}

/** The nodes of one compute: a run holds one, the others wait in order. */
export class Cluster {
  private readonly waiting: Waiter[] = [];
  private readonly leases = new Map<string, AbortController>();
  private timer: Timer | undefined;

  /**
   * @param nodes as they were kept; those that ran something idle now
   * @param keep stores them
   */
  constructor(
    private nodes: ClusterNode[],
    private readonly scaleOf: () => Scale,
    private readonly clock: LocalClock,
    private readonly keep: (nodes: readonly ClusterNode[]) => void,
  ) {
    this.nodes = nodes.map((node) =>
      node.state === "running" ? { id: node.id, state: "idle", since: clock.now() } : node,
    );
  }

  /** Waits for a node; undefined when the waiting was ended. */
  take(run: string, ending: AbortSignal): Promise<Lease | undefined> {
    if (ending.aborted) return Promise.resolve(undefined);
    return new Promise((resolve) => {
      const waiter: Waiter = { run, resolve };
      ending.addEventListener(
        "abort",
        () => {
          const index = this.waiting.indexOf(waiter);
          if (index < 0) return;
          this.waiting.splice(index, 1);
          resolve(undefined);
        },
        { once: true },
      );
      this.waiting.push(waiter);
      this.settle();
    });
  }

  /** What an AmlCompute shows of its nodes. */
  properties(): Record<string, unknown> {
    this.settle();
    return nodeProperties(this.nodes, this.scaleOf());
  }

  /** All nodes, those that come and go included. */
  all(): readonly ClusterNode[] {
    this.settle();
    return this.nodes;
  }

  /** Nodes that can be taken away. */
  present(): readonly ClusterNode[] {
    return usable(this.nodes);
  }

  /** Takes nodes away, whatever runs on them; that begins again elsewhere, or is told to fail. */
  preempt(ids: readonly string[], requeue: boolean): void {
    const now = this.clock.now();
    this.nodes = this.nodes.map((node) => (ids.includes(node.id) ? { ...node, state: "preempted", since: now } : node));
    for (const id of ids) {
      this.leases.get(id)?.abort({ requeue });
      this.leases.delete(id);
    }
    this.settle(true);
  }

  /** Looks at the scale anew. */
  settle(isChanged = false): void {
    const scale = this.scaleOf();
    const next = settled(this.nodes, scale, this.waiting.length, this.clock.now(), newNodeId);
    let changed = isChanged || next.length !== this.nodes.length || next.some((node, at) => node !== this.nodes[at]);
    this.nodes = next;
    for (const node of this.nodes) {
      if (node.state !== "idle" || this.waiting.length === 0) continue;
      this.give(node.id, this.waiting.shift() as Waiter);
      changed = true;
    }
    if (changed) this.keep(this.nodes);
    this.timer?.cancel();
    const at = nextChange(this.nodes, scale);
    this.timer = at === undefined ? undefined : this.clock.at(at, () => this.settle());
  }

  stop(): void {
    this.timer?.cancel();
  }

  private give(id: string, { run, resolve }: Waiter): void {
    this.nodes = this.nodes.map((node) =>
      node.id === id ? { id, state: "running", since: this.clock.now(), run } : node,
    );
    const lost = new AbortController();
    this.leases.set(id, lost);
    resolve({
      node: id,
      lost: lost.signal,
      release: () => {
        if (!this.leases.delete(id)) return;
        this.nodes = this.nodes.map((node) => (node.id === id ? { id, state: "idle", since: this.clock.now() } : node));
        this.settle(true);
      },
    });
  }
}

/** In the manner of Azure Batch. */
function newNodeId(): string {
  return `tvmps_${randomBytes(8).toString("hex")}_d`;
}
