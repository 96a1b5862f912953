import type { ResourceRecord } from "../contracts";
import { durationSeconds } from "../jobs/duration";

export interface Limits {
  /** Replicas that are always there, and at most. */
  least: number;
  most: number;
  /** Requests that a replica takes at once. */
  concurrent: number;
  timeoutMs: number;
  /** How long a request waits for a replica that is free. */
  queueMs: number;
}

/** Each replica is a process of some 65 MB, so that more than these are not made. */
const mostProcesses = 4;
/** Of Azure ML, when the body has none. */
const defaults = { requestTimeout: "PT5S", maxQueueWait: "PT0.5S" };

/** How a deployment scales, and what a request may take, by its body. */
export function limitsOf({ properties, sku }: ResourceRecord): Limits {
  const { requestSettings = {}, scaleSettings = {} } = properties as {
    requestSettings?: { maxConcurrentRequestsPerInstance?: number; requestTimeout?: string; maxQueueWait?: string };
    scaleSettings?: { scaleType?: string; minInstances?: number; maxInstances?: number };
  };
  const { requestTimeout = defaults.requestTimeout, maxQueueWait = defaults.maxQueueWait } = requestSettings;
  const byLoad = scaleSettings.scaleType === "TargetUtilization";
  const fixed = Number(sku?.capacity ?? 1);
  const least = byLoad ? (scaleSettings.minInstances ?? 1) : fixed;
  const most = byLoad ? (scaleSettings.maxInstances ?? 1) : fixed;
  const processes = (count: number) => Math.min(mostProcesses, Math.max(1, count));
  return {
    least: processes(least),
    most: processes(Math.max(least, most)),
    concurrent: requestSettings.maxConcurrentRequestsPerInstance ?? 1,
    timeoutMs: durationSeconds(requestTimeout) * 1000,
    queueMs: durationSeconds(maxQueueWait) * 1000,
  };
}
