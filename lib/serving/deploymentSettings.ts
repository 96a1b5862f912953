import type { ServingConfig } from "./config";

/** How a deployment runs, whatever model it serves. */
export type DeploymentConfig = Pick<
  ServingConfig,
  | "autoscale"
  | "cpu"
  | "memoryGb"
  | "gpu"
  | "timeoutSeconds"
  | "concurrency"
  | "queueSeconds"
  | "appInsights"
  | "probes"
  | "thresholds"
>;

export type ServingKind = ServingConfig["kind"];

/**
 * The part of a deployment's request body that says how it runs. All that the service has a default for is given, so that
 * a default of the service that changes changes no deployment.
 * @param instanceType of the cluster, or the size of the machines of a managed endpoint
 */
export function deploymentSettings(kind: ServingKind, instanceType: string, config: DeploymentConfig) {
  const { timeoutSeconds, concurrency, queueSeconds, appInsights, probes, thresholds } = config;
  const common = {
    instanceType,
    environmentVariables: thresholdVariables(thresholds),
    appInsightsEnabled: appInsights,
    requestSettings: {
      requestTimeout: iso(timeoutSeconds),
      maxConcurrentRequestsPerInstance: concurrency,
      maxQueueWait: iso(queueSeconds),
    },
    livenessProbe: probeSettings(probes.liveness),
    readinessProbe: probeSettings(probes.readiness),
    ...(probes.startup ? { startupProbe: probeSettings(probes.startup) } : {}),
  };
  return kind === "managed"
    ? { endpointComputeType: "Managed" as const, ...common, scaleSettings: { scaleType: "Default" as const } }
    : { endpointComputeType: "Kubernetes" as const, ...common, ...kubernetesSettings(config) };
}

function kubernetesSettings({ autoscale, cpu, memoryGb, gpu }: DeploymentConfig) {
  const resources = { cpu: `${cpu}`, memory: `${memoryGb}Gi` };
  return {
    containerResourceRequirements: {
      containerResourceRequests: resources,
      containerResourceLimits: { ...resources, ...(gpu > 0 ? { gpu: `${gpu}` } : {}) },
    },
    scaleSettings: {
      scaleType: "TargetUtilization" as const,
      minInstances: autoscale.min,
      maxInstances: autoscale.max,
      targetUtilizationPercentage: autoscale.targetUtilization,
      pollingInterval: iso(autoscale.refreshSeconds),
    },
  };
}

function probeSettings(probe: DeploymentConfig["probes"]["liveness"]) {
  return {
    initialDelay: iso(probe.initialDelaySeconds),
    period: iso(probe.periodSeconds),
    timeout: iso(probe.timeoutSeconds),
    successThreshold: probe.successThreshold,
    failureThreshold: probe.failureThreshold,
  };
}

/** Names that the scoring file reads. */
export function thresholdVariables({ boxScore, nmsIou }: DeploymentConfig["thresholds"] = {}): Record<string, string> {
  return {
    ...(boxScore === undefined ? {} : { BOX_SCORE_THRESHOLD: `${boxScore}` }),
    ...(nmsIou === undefined ? {} : { NMS_IOU_THRESHOLD: `${nmsIou}` }),
  };
}

/** A duration of ISO 8601. */
function iso(seconds: number): string {
  return `PT${seconds}S`;
}
