const hourMs = 3_600_000;

/**
 * Node hours of a run: from its start to its end, on every node that its job asks for; null for a run that has not begun.
 * @param now until when a run counts that goes on, in milliseconds since 1970
 */
export function nodeHoursOf(
  { startTime, endTime }: { startTime?: number; endTime?: number },
  nodes: number,
  now: number,
): number | null {
  return startTime === undefined ? null : (Math.max(0, (endTime ?? now) - startTime) / hourMs) * nodes;
}

/** Nodes that each trial of a job runs on. */
export function nodesOfTrial(resources: unknown): number {
  return (resources as { instanceCount?: number } | null | undefined)?.instanceCount ?? 1;
}
