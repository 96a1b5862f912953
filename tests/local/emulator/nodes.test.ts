import fc from "fast-check";
import {
  nextChange,
  nodeChangeMs,
  nodeProperties,
  settled,
  usable,
  type ClusterNode,
  type Scale,
} from "../../../local/emulator/jobs/nodes";

let made = 0;
const newId = () => `node-${made++}`;
const scale: Scale = { min: 0, max: 4, idleMs: 120_000 };
const node = (state: ClusterNode["state"], since = 0): ClusterNode => ({ id: newId(), state, since });
const states = (nodes: readonly ClusterNode[]) => nodes.map(({ state }) => state).sort();

describe("the nodes of a cluster", () => {
  test("come for those that wait, up to the maximum", () => {
    expect(states(settled([], scale, 2, 0, newId))).toEqual(["preparing", "preparing"]);
    expect(settled([], scale, 9, 0, newId)).toHaveLength(4);
    expect(states(settled([node("idle")], scale, 1, 1, newId))).toEqual(["idle"]);
  });

  test("come for the minimum, and stay for it", () => {
    const nodes = settled([], { ...scale, min: 2 }, 0, 0, newId);
    expect(nodes).toHaveLength(2);
    const later = settled(nodes, { ...scale, min: 2 }, 0, 10_000_000, newId);
    expect(states(later)).toEqual(["idle", "idle"]);
    expect(nextChange(later, { ...scale, min: 2 })).toBeUndefined();
  });

  test("idle when they are up, leave when they have idled, and are gone then", () => {
    const begun = settled([], scale, 1, 0, newId);
    expect(nextChange(begun, scale)).toBe(nodeChangeMs);
    const idle = settled(begun, scale, 0, nodeChangeMs, newId);
    expect(idle).toMatchObject([{ state: "idle", since: nodeChangeMs }]);
    const leavesAt = nodeChangeMs + scale.idleMs;
    expect(nextChange(idle, scale)).toBe(leavesAt);
    expect(states(settled(idle, scale, 0, leavesAt - 1, newId))).toEqual(["idle"]);
    const leaving = settled(idle, scale, 0, leavesAt, newId);
    expect(states(leaving)).toEqual(["leaving"]);
    expect(settled(leaving, scale, 0, leavesAt + nodeChangeMs, newId)).toEqual([]);
    // A clock that leapt finds them gone at once.
    expect(settled(idle, scale, 0, 100 * leavesAt, newId)).toEqual([]);
  });

  test("leave at once when the cluster is made smaller, but not from under a run", () => {
    const nodes = [node("running"), node("idle"), node("idle")];
    expect(states(settled(nodes, { ...scale, max: 1 }, 0, 1, newId))).toEqual(["leaving", "leaving", "running"]);
  });

  test("are counted as an AmlCompute counts them", () => {
    const nodes = [node("running"), node("idle"), node("preparing", 5), node("preempted", 7)];
    expect(nodeProperties(nodes, scale)).toMatchObject({
      allocationState: "Resizing",
      currentNodeCount: 4,
      targetNodeCount: 3,
      nodeStateCounts: { runningNodeCount: 1, idleNodeCount: 1, preparingNodeCount: 1, preemptedNodeCount: 1 },
      allocationStateTransitionTime: new Date(7).toISOString(),
    });
    expect(nodeProperties([], scale)).toMatchObject({ allocationState: "Steady", currentNodeCount: 0 });
  });

  test("are never more than the maximum, nor fewer than the minimum, whatever happens", () => {
    const step = fc.record({ waiting: fc.nat(6), pause: fc.nat(300_000), runs: fc.boolean() });
    fc.assert(
      fc.property(fc.nat(2), fc.integer({ min: 2, max: 5 }), fc.array(step), (min, max, steps) => {
        const given = { min, max, idleMs: 120_000 };
        let [nodes, now] = [[] as ClusterNode[], 0];
        for (const { waiting, pause, runs } of steps) {
          now += pause;
          nodes = settled(nodes, given, waiting, now, newId);
          expect(usable(nodes).length).toBeLessThanOrEqual(max);
          expect(usable(nodes).length).toBeGreaterThanOrEqual(Math.min(max, Math.max(min, Math.min(waiting, max))));
          if (runs) nodes = nodes.map((one) => (one.state === "idle" ? { ...one, state: "running" as const } : one));
        }
      }),
    );
  });
});
