/** States of a node, as the counts of a cluster name them. */
export type NodeState = "preparing" | "idle" | "running" | "leaving" | "preempted";

export interface ClusterNode {
  id: string;
  state: NodeState;
  /** Local time at which it came into the state. */
  since: number;
  /** The run that it is given to. */
  run?: string;
}

export interface Scale {
  min: number;
  max: number;
  /** How long a node idles before it leaves. */
  idleMs: number;
}

/** How long a node takes to come up, and to be gone. Azure takes minutes; a test can let the clock run slower. */
export const nodeChangeMs = 500;

const passing: ReadonlySet<NodeState> = new Set(["preparing", "leaving", "preempted"]);
const gone: ReadonlySet<NodeState> = new Set(["leaving", "preempted"]);

/** Nodes that stay, or come. */
export function usable(nodes: readonly ClusterNode[]): ClusterNode[] {
  return nodes.filter(({ state }) => !gone.has(state));
}

/**
 * What has become of nodes by a time: those that came up are idle, those that idled for too long leave, and so many come as
 * are wanted by waiting runs or by the minimum, up to the maximum.
 * @param waiting runs that wait for a node
 */
export function settled(
  nodes: readonly ClusterNode[],
  scale: Scale,
  waiting: number,
  now: number,
  newId: () => string,
): ClusterNode[] {
  const aged = nodes.flatMap((node): ClusterNode[] => {
    const changesAt = node.since + nodeChangeMs;
    if (!passing.has(node.state) || changesAt > now) return [node];
    return gone.has(node.state) ? [] : [{ id: node.id, state: "idle", since: changesAt }];
  });
  // Those that idle longest leave first; a cluster that was made smaller does not wait for their time.
  const idle = aged.filter(({ state }) => state === "idle").sort((a, b) => a.since - b.since);
  let count = usable(aged).length;
  const leaving = new Map<ClusterNode, number>();
  for (const node of idle.slice(0, Math.max(0, idle.length - waiting))) {
    const leavesAt = node.since + scale.idleMs;
    if (count > scale.max || (count > scale.min && leavesAt <= now)) {
      leaving.set(node, count > scale.max ? now : leavesAt);
      count--;
    }
  }
  const kept = aged.flatMap((node): ClusterNode[] => {
    const since = leaving.get(node);
    if (since === undefined) return [node];
    return since + nodeChangeMs <= now ? [] : [{ id: node.id, state: "leaving", since }];
  });
  const ready = kept.filter(({ state }) => state === "idle" || state === "preparing").length;
  const wanted = Math.min(Math.max(scale.min - usable(kept).length, waiting - ready), scale.max - usable(kept).length);
  const coming = Array.from({ length: Math.max(0, wanted) }, () => ({
    id: newId(),
    state: "preparing" as const,
    since: now,
  }));
  return [...kept, ...coming];
}

/** When the next node changes by the passing of time alone. */
export function nextChange(nodes: readonly ClusterNode[], scale: Scale): number | undefined {
  const spare = usable(nodes).length > scale.min;
  const times = nodes.flatMap(({ state, since }) => {
    if (passing.has(state)) return [since + nodeChangeMs];
    return state === "idle" && spare ? [since + scale.idleMs] : [];
  });
  return times.length > 0 ? Math.min(...times) : undefined;
}

/** The nodes as an AmlCompute answers them. */
export function nodeProperties(nodes: readonly ClusterNode[], scale: Scale): Record<string, unknown> {
  const count = (state: NodeState) => nodes.filter((node) => node.state === state).length;
  const changes = nodes.filter(({ state }) => passing.has(state));
  const last = Math.max(0, ...nodes.map(({ since }) => since));
  return {
    allocationState: changes.length > 0 ? "Resizing" : "Steady",
    ...(last > 0 ? { allocationStateTransitionTime: new Date(last).toISOString() } : {}),
    currentNodeCount: nodes.length,
    targetNodeCount: Math.max(scale.min, usable(nodes).length),
    nodeStateCounts: {
      idleNodeCount: count("idle"),
      leavingNodeCount: count("leaving"),
      preemptedNodeCount: count("preempted"),
      preparingNodeCount: count("preparing"),
      runningNodeCount: count("running"),
      unusableNodeCount: 0,
    },
    errors: [],
  };
}
