import { workspaceOf } from "../arm/ids";
import { ArmError, type Cloud, type ResourceRecord } from "../contracts";
import { durationSeconds, isDuration } from "../jobs/duration";
import { checkContainer, type ContainerNeeds } from "../kubernetes/instanceTypes";
import { mlProvider, Quotas } from "../services/quota";
import { assertCurrentSize } from "../services/sizes";
import { vmSizeOf, vmSizes } from "../services/vmSizes";

interface Probe {
  initialDelay?: string;
  period?: string;
  timeout?: string;
  successThreshold?: number;
  failureThreshold?: number;
}

export interface DeploymentProperties extends ContainerNeeds {
  endpointComputeType?: string;
  codeConfiguration?: { codeId?: string };
  livenessProbe?: Probe;
  readinessProbe?: Probe;
  startupProbe?: Probe;
  requestSettings?: { requestTimeout?: string; maxQueueWait?: string; maxConcurrentRequestsPerInstance?: number };
  scaleSettings?: {
    scaleType?: string;
    minInstances?: number;
    maxInstances?: number;
    targetUtilizationPercentage?: number;
  };
}

/** https://learn.microsoft.com/azure/machine-learning/reference-yaml-deployment-managed-online */
const longestManagedTimeout = 180;

/** What Azure ML says to how a deployment is to run. @throws ArmError */
export function checkHowItRuns(
  endpoint: ResourceRecord,
  properties: DeploymentProperties,
  capacity: unknown,
  model: ResourceRecord,
  cloud: Cloud,
): void {
  checkRequests(properties);
  checkProbe("livenessProbe", properties.livenessProbe, 1);
  checkProbe("startupProbe", properties.startupProbe, 1);
  checkProbe("readinessProbe", properties.readinessProbe, Infinity);
  const compute = cloud.resources.get(String(endpoint.properties.compute));
  if (properties.endpointComputeType === "Managed") {
    if (compute)
      throw refused(
        "properties.endpointComputeType",
        `Endpoint '${endpoint.name}' is of compute '${compute.name}', which takes deployments of type Kubernetes.`,
      );
    checkManaged(endpoint, properties, capacity, cloud);
    return;
  }
  checkScale(properties);
  const noCode = model.properties.modelType === "mlflow_model" && !properties.codeConfiguration;
  if (compute) checkContainer(compute, properties, noCode, cloud);
}

/** Replicas of a managed deployment are machines, as many as there are instances. */
function checkManaged(
  endpoint: ResourceRecord,
  { instanceType, scaleSettings, requestSettings }: DeploymentProperties,
  capacity: unknown,
  cloud: Cloud,
): void {
  assertCurrentSize(instanceType, "properties.instanceType");
  if (!vmSizes.some(({ name }) => name.toLowerCase() === instanceType?.toLowerCase()))
    throw refused("properties.instanceType", `Instance type '${instanceType}' is not supported in ${cloud.location}.`);
  if (!Number.isInteger(capacity) || Number(capacity) < 1)
    throw refused(
      "sku.capacity",
      `A managed deployment wants a whole number of instances from 1 on, not ${String(capacity)}.`,
    );
  if (scaleSettings?.scaleType !== undefined && scaleSettings.scaleType !== "Default")
    throw refused(
      "properties.scaleSettings.scaleType",
      `Scale type '${scaleSettings.scaleType}' is of Kubernetes; a managed deployment takes Default, and is scaled by Azure Monitor.`,
    );
  const timeout = requestSettings?.requestTimeout;
  if (timeout !== undefined && durationSeconds(timeout) > longestManagedTimeout)
    throw refused(
      "properties.requestSettings.requestTimeout",
      `A request timeout of ${timeout} is above the ${longestManagedTimeout} seconds of managed deployments.`,
    );
  const { vCpus, mlFamily } = vmSizeOf(instanceType ?? "");
  const quotas = new Quotas(cloud);
  const limit = quotas.limit(mlProvider, mlFamily, workspaceOf(endpoint.id)) ?? quotas.limit(mlProvider, mlFamily) ?? 0;
  if (vCpus * Number(capacity) > limit)
    throw new ArmError(
      400,
      "OutOfQuota",
      `Not enough quota available for ${instanceType} in SubscriptionId ${cloud.subscriptionId}. Current usage/limit: 0/${limit}. Additional needed: ${vCpus * Number(capacity)}. Please see troubleshooting guide, available here: https://aka.ms/oe-tsg#error-outofquota`,
      "properties.instanceType",
    );
}

function checkScale({ scaleSettings = {} }: DeploymentProperties): void {
  const { scaleType, minInstances = 1, maxInstances = 1, targetUtilizationPercentage: target } = scaleSettings;
  if (scaleType !== "TargetUtilization") return;
  const path = "properties.scaleSettings";
  if (!Number.isInteger(minInstances) || minInstances < 1)
    throw refused(`${path}.minInstances`, `minInstances is ${minInstances}; a whole number from 1 on is wanted.`);
  if (!Number.isInteger(maxInstances) || maxInstances < minInstances)
    throw refused(
      `${path}.maxInstances`,
      `maxInstances is ${maxInstances}; at least minInstances, ${minInstances}, is wanted.`,
    );
  if (target !== undefined && !(target >= 1 && target <= 100))
    throw refused(`${path}.targetUtilizationPercentage`, `A target utilization of ${target} is not from 1 to 100.`);
}

function checkRequests({ requestSettings = {} }: DeploymentProperties): void {
  const { requestTimeout, maxQueueWait, maxConcurrentRequestsPerInstance: concurrent } = requestSettings;
  const path = "properties.requestSettings";
  if (requestTimeout !== undefined && !(secondsOf(requestTimeout, `${path}.requestTimeout`) > 0))
    throw refused(`${path}.requestTimeout`, `A request timeout of ${requestTimeout} is none.`);
  if (maxQueueWait !== undefined) secondsOf(maxQueueWait, `${path}.maxQueueWait`);
  if (concurrent !== undefined && !(Number.isInteger(concurrent) && concurrent >= 1))
    throw refused(
      `${path}.maxConcurrentRequestsPerInstance`,
      `${concurrent} requests at once are none; at least 1 is wanted.`,
    );
}

function checkProbe(name: string, probe: Probe | undefined, mostSuccesses: number): void {
  if (!probe) return;
  const path = `properties.${name}`;
  const { initialDelay, period, timeout, successThreshold = 1, failureThreshold = 1 } = probe;
  if (initialDelay !== undefined) secondsOf(initialDelay, `${path}.initialDelay`);
  for (const [key, duration] of Object.entries({ period, timeout }))
    if (duration !== undefined && secondsOf(duration, `${path}.${key}`) < 1)
      throw refused(`${path}.${key}`, `The ${key} of a probe is at least PT1S, not ${duration}.`);
  for (const [key, count, most] of [
    ["successThreshold", successThreshold, mostSuccesses],
    ["failureThreshold", failureThreshold, Infinity],
  ] as const)
    if (!Number.isInteger(count) || count < 1 || count > most)
      throw refused(
        `${path}.${key}`,
        `${key} of ${name} is ${count}; ${most === 1 ? "Kubernetes takes 1 alone" : "a whole number from 1 on is wanted"}.`,
      );
}

function secondsOf(duration: string, target: string): number {
  if (isDuration(duration)) return durationSeconds(duration);
  throw refused(target, `'${duration}' is no duration of ISO 8601.`);
}

function refused(target: string, message: string): ArmError {
  return new ArmError(400, "BadArgument", message, target);
}
