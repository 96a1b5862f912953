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
  /** Requests that may be worked on or wait for each replica; more are refused at once. */
  longestQueue: number;
  /** Of a request that takes too long: azureml-fe says 504, the router of managed endpoints 408. */
  timeoutStatus: 408 | 504;
}

/** Each replica is a process of some 65 MB, so that more than these are not made. */
const mostProcesses = 4;
/** Of Azure ML, when the body has none. */
const defaults = { requestTimeout: "PT5S", maxQueueWait: "PT0.5S" };

/** How a deployment scales, and what a request may take, by its body. */
export function limitsOf({ properties, sku }: ResourceRecord): Limits {
  const {
    requestSettings = {},
    scaleSettings = {},
    endpointComputeType,
  } = properties as {
    requestSettings?: { maxConcurrentRequestsPerInstance?: number; requestTimeout?: string; maxQueueWait?: string };
    endpointComputeType?: string;
    scaleSettings?: { scaleType?: string; minInstances?: number; maxInstances?: number };
  };
  const { requestTimeout = defaults.requestTimeout, maxQueueWait = defaults.maxQueueWait } = requestSettings;
  const byLoad = scaleSettings.scaleType === "TargetUtilization";
  const fixed = Number(sku?.capacity ?? 1);
  const least = byLoad ? (scaleSettings.minInstances ?? 1) : fixed;
  const most = byLoad ? (scaleSettings.maxInstances ?? 1) : fixed;
  const processes = (count: number) => Math.min(mostProcesses, Math.max(1, count));
  const concurrent = requestSettings.maxConcurrentRequestsPerInstance ?? 1;
  const isManaged = endpointComputeType === "Managed";
  return {
    least: processes(least),
    most: processes(Math.max(least, most)),
    concurrent,
    timeoutMs: durationSeconds(requestTimeout) * 1000,
    queueMs: durationSeconds(maxQueueWait) * 1000,
    longestQueue: isManaged ? 2 * concurrent : Infinity,
    timeoutStatus: isManaged ? 408 : 504,
  };
}
