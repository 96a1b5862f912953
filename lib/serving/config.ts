import { z } from "zod";
import { armId, count, decimal, nameOf, positive, share } from "../configValues";
import { batchSchema } from "./batchConfig";

const seconds = decimal(z.number().min(0).max(86_400));
const wholeSeconds = z.number().int().min(1).max(86_400);

const kubernetesName = z
  .string()
  .regex(/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/, "a name of Kubernetes: [a-z0-9-], 63 characters at most");

/**
 * How Kubernetes asks a replica whether it is well, over HTTP.
 * @param defaults those of the service, or of the v1 web service where the service's own would surprise
 * @param successes whether more than one success in a row may be asked for: of Kubernetes, for readiness alone
 */
function probe(defaults: { initialDelaySeconds: number; failureThreshold: number }, successes: typeof count) {
  return z.strictObject({
    /** From the start of the container to the first question. */
    initialDelaySeconds: z.number().int().min(0).max(86_400).default(defaults.initialDelaySeconds),
    /** From one question to the next. */
    periodSeconds: wholeSeconds.default(10),
    /** How long an answer may take. */
    timeoutSeconds: wholeSeconds.default(2),
    /** Good answers in a row that make it well again. */
    successThreshold: successes.default(1),
    /** Failures in a row that make it ill. */
    failureThreshold: count.default(defaults.failureThreshold),
  });
}

const oneSuccess = count.max(1, "Kubernetes takes 1 alone, but for readiness");

type Raw = Record<string, unknown>;

/** A rule between keys, told beside all other mistakes; keys that are wrong themselves are not its concern. */
function rule(path: string[], message: string, holds: (serving: Raw) => boolean) {
  const check = (serving: unknown) => holds((serving ?? {}) as Raw);
  return [check, { path, message, when: () => true }] as const;
}

const isAbove = (value: unknown, limit: unknown) =>
  typeof value === "number" && typeof limit === "number" && value > limit;
const isBelow = (value: unknown, limit: number) => typeof value === "number" && value < limit;

/** Of an MLflow model without code, on Kubernetes: https://learn.microsoft.com/azure/machine-learning/how-to-manage-kubernetes-instance-types */
const leastForMlflow = { cpu: 2, memoryGb: 4 };
/** Of managed endpoints: https://learn.microsoft.com/azure/machine-learning/reference-yaml-deployment-managed-online */
const longestManagedTimeout = 180;

/**
 * `serving` of the stack's configuration. Where v2's default would surprise those who come from the v1 web service
 * (AksWebservice), v1's is the default, and the key says so.
 */
export const servingSchema = z
  .strictObject({
    /** What serves: replicas in an AKS cluster, or virtual machines that Azure ML runs; then there is no cluster. */
    kind: z.enum(["kubernetes", "managed"]).default("kubernetes"),
    /**
     * How the model is served: by the scoring file and conda environment that AutoML wrote beside the champion, or, with
     * model.type "mlflow_model", by the service itself without code.
     */
    scoring: z.enum(["champion", "mlflow"]).default("champion"),
    /** Name of the AKS cluster, and of the compute that it is attached as. */
    clusterName: nameOf("attachedCluster").default("cluster-aks-gpu"),
    /** Size of the GPU nodes, or of the managed machines. */
    vmSize: z.string().min(1).default("STANDARD_NC6"),
    /** Name of the endpoint, unique in its region. */
    endpointName: z
      .string()
      .regex(/^[a-z][a-z0-9-]{2,31}$/, "3 to 32 characters of [a-z0-9-], beginning with a letter")
      .default("automl-image-test"),
    /** How requests are authorized: by the endpoint's key, or by tokens of Azure ML. */
    authMode: z.enum(["key", "amlToken"]).default("key"),
    /** Cores of a replica (v1 cpu_cores 0.1; the walk-through's 1). Kubernetes alone: a managed replica has a machine. */
    cpu: positive.default(1),
    /** Memory of a replica in GiB (v1 memory_gb 0.5; the walk-through's 50). Kubernetes alone. */
    memoryGb: positive.default(50),
    /** GPUs of a replica (v1 gpu_cores 0). Kubernetes alone. */
    gpu: z.number().int().min(0).default(1),
    /** Replicas by load. Managed endpoints keep `min` machines; Azure Monitor scales them. */
    autoscale: z
      .strictObject({
        /** v1 autoscale_min_replicas 1, as v2. */
        min: count.default(1),
        /** v1 autoscale_max_replicas 10; v2's is 1. */
        max: count.default(10),
        /** Percent of the replicas that are to be busy: v1 autoscale_target_utilization 70, as v2. */
        targetUtilization: z.number().int().min(1).max(100).default(70),
        /** Seconds from one look to the next: v1 autoscale_refresh_seconds 1, as v2. */
        refreshSeconds: wholeSeconds.default(1),
      })
      .prefault({}),
    /** Seconds that a request may take: v1 scoring_timeout_ms 60000; v2's is 5 s. Managed: 180 at most. */
    timeoutSeconds: positive.default(60),
    /** Requests that a replica works on at once: v1 replica_max_concurrent_requests 1, as v2. */
    concurrency: count.default(1),
    /** Seconds that a request waits for a replica before it is answered 429: v1 max_request_wait_time 500 ms, as v2. */
    queueSeconds: seconds.default(0.5),
    /** Telemetry to Application Insights: the walk-through's true; v1 enable_app_insights and v2 have false. */
    appInsights: z.boolean().default(true),
    /** Questions that decide whether a replica lives, has traffic, and has started. */
    probes: z
      .strictObject({
        /** A replica that fails is started again: v1 310 s, 10 s, 2 s, 1, 3; v2 has 10 s and 30 failures. */
        liveness: probe({ initialDelaySeconds: 310, failureThreshold: 3 }, oneSuccess).prefault({}),
        /** A replica that fails has no traffic. v1 has none; v2's own 10 s, 10 s, 2 s, 1, 30. */
        readiness: probe({ initialDelaySeconds: 10, failureThreshold: 30 }, count).prefault({}),
        /** Liveness waits until it succeeds. Absent unless given, as in v1 and v2. */
        startup: probe({ initialDelaySeconds: 10, failureThreshold: 30 }, oneSuccess).optional(),
      })
      .prefault({}),
    /** Lowest score of an answered box, and overlap from which boxes of one label are merged; the model's own when absent. */
    thresholds: z
      .strictObject({
        /**
         * Lowest score of an answered box.
         * @example 0.4
         */
        boxScore: share.optional(),
        /**
         * Overlap from which boxes of one label are merged.
         * @example 0.5
         */
        nmsIou: share.optional(),
      })
      .optional(),
    /** How traffic moves to a new deployment, and what stops it. */
    rollout: z
      .strictObject({
        /** Percent of the traffic that it has one after the other. */
        steps: z
          .array(z.number().int().min(1).max(100))
          .refine(
            (steps) => steps.at(-1) === 100 && steps.every((share, index) => share > (steps[index - 1] ?? 0)),
            "rising whole percentages, the last one 100, such as [10, 50, 100]",
          )
          .default([10, 50, 100]),
        /** Seconds that each step is watched. */
        bakeSeconds: z.number().min(0).max(86_400).default(60),
        /** Held-out pictures of a round of probes; 0 probes nothing, where the endpoint cannot be reached from here. */
        probeImages: z.number().int().min(0).max(1000).default(16),
        /** Largest share of failed requests. */
        maxErrorRate: share.default(0),
        /** Largest 95th percentile of latency, by that of what serves. */
        maxLatencyRatio: positive.default(2),
        /** By how much the share of pictures without a box may rise. */
        maxEmptyIncrease: share.default(0.2),
        /** Least agreement with the boxes of what serves: the F1 of the one measured by the other. */
        minAgreement: share.default(0.5),
        /** Minutes that a deployment without traffic is kept, for a quick way back. */
        keepMinutes: z.number().min(0).default(0),
      })
      .prefault({}),
    /** The same champion behind a batch endpoint too, whose jobs run on the training cluster. There is none unless it is given. */
    batch: batchSchema.optional(),
    /** GPU nodes; the cluster's autoscaler moves between min (from 0) and max. */
    nodes: z
      .strictObject({
        /** GPU nodes at least. */
        min: z.number().int().min(0).default(1),
        /** GPU nodes at most. */
        max: count.default(3),
      })
      .refine(({ min, max }) => min <= max, { path: ["min"], message: "at most serving.nodes.max" })
      .prefault({}),
    /** Nodes for everything else, the inference router among it. */
    systemNodes: z
      .strictObject({
        /** Nodes at least. */
        min: count.default(1),
        /** Nodes at most. */
        max: count.default(3),
        /** Size of the nodes. */
        vmSize: z.string().min(1).default("Standard_D4s_v5"),
      })
      .refine(({ min, max }) => min <= max, { path: ["min"], message: "at most serving.systemNodes.max" })
      .prefault({}),
    /** Kubernetes namespace of the deployments; made when it is not there. */
    namespace: kubernetesName.default("default"),
    /** Name of the instance type by which deployments ask for a node's share; another one where clusters are shared. */
    instanceType: kubernetesName.default("gpu"),
    /** How requests reach the deployments. */
    router: z
      .strictObject({
        /** Kubernetes service in front of the router. */
        serviceType: z.enum(["LoadBalancer", "NodePort", "ClusterIP"]).default("LoadBalancer"),
        /** An address in the cluster's network only. */
        internal: z.boolean().default(false),
        /** Three replicas of the router, which want three system nodes. */
        highAvailability: z.boolean().default(false),
      })
      .prefault({}),
    /** Who reaches the cluster's API server. */
    apiServer: z
      .strictObject({
        /** Addresses that may reach it; none named is all. */
        authorizedIpRanges: z
          .array(z.union([z.cidrv4(), z.ipv4()], "an IPv4 range such as 203.0.113.0/24"))
          .default([]),
        /** Reached from the cluster's network only. */
        private: z.boolean().default(false),
      })
      .prefault({}),
    /** Upgrades that AKS makes by itself. */
    upgradeChannel: z.enum(["none", "patch", "stable", "rapid", "node-image"]).default("stable"),
    /** Logs of the containers go to the workspace's Log Analytics. */
    containerInsights: z.boolean().default(true),
    /** A cluster that is there already, in place of a new one. */
    existingCluster: z
      .strictObject({
        /**
         * ARM id of the cluster.
         * @example /subscriptions/SUBSCRIPTION/resourceGroups/GROUP/providers/Microsoft.ContainerService/managedClusters/NAME
         */
        id: armId("Microsoft.ContainerService/managedClusters"),
        /** Whether it has the Azure ML extension already. */
        extensionInstalled: z.boolean().default(false),
        /** Whether it has NVIDIA's device plugin already: two of them do not work, so the extension then brings none. */
        devicePluginInstalled: z.boolean().default(false),
        /** Labels of its GPU nodes. */
        nodeSelector: z.record(z.string().min(1), z.string()).default({ agentpool: "gpu" }),
      })
      .optional(),
    /** The router's certificate, from a vault or from the cluster; required unless plain HTTP is allowed. */
    tls: z
      .strictObject({
        /**
         * ARM id of the Key Vault secret with certificate and private key as PEM, from which each `up` brings the current
         * version into the cluster.
         * @example /subscriptions/SUBSCRIPTION/resourceGroups/GROUP/providers/Microsoft.KeyVault/vaults/VAULT/secrets/NAME
         */
        keyVaultSecretId: armId("Microsoft.KeyVault/vaults/secrets").optional(),
        /**
         * In its place, a Kubernetes secret that is there already, in the namespace of the Azure ML extension.
         * @example inference-tls
         */
        sslSecret: kubernetesName.optional(),
        /**
         * Host name that the certificate is for.
         * @example detection.example.com
         */
        sslCname: z.string().min(1),
      })
      .refine(({ keyVaultSecretId, sslSecret }) => (keyVaultSecretId === undefined) !== (sslSecret === undefined), {
        path: ["keyVaultSecretId"],
        message: "either it or serving.tls.sslSecret says where the certificate is",
      })
      .optional(),
    /** Plain HTTP, for trials only. */
    allowInsecureConnections: z.boolean().default(false),
  })
  .refine(
    ...rule(["autoscale", "min"], "at most serving.autoscale.max", ({ autoscale }) => {
      const { min, max = 10 } = (autoscale ?? {}) as { min?: unknown; max?: unknown };
      return !isAbove(min, max);
    }),
  )
  .refine(
    ...rule(
      ["timeoutSeconds"],
      `at most ${longestManagedTimeout} with serving.kind "managed"`,
      ({ kind, timeoutSeconds }) => kind !== "managed" || !isAbove(timeoutSeconds, longestManagedTimeout),
    ),
  )
  .refine(
    ...rule(
      ["cpu"],
      `at least ${leastForMlflow.cpu} with serving.scoring "mlflow"`,
      ({ kind, scoring, cpu = 1 }) => kind === "managed" || scoring !== "mlflow" || !isBelow(cpu, leastForMlflow.cpu),
    ),
  )
  .refine(
    ...rule(
      ["memoryGb"],
      `at least ${leastForMlflow.memoryGb} with serving.scoring "mlflow"`,
      ({ kind, scoring, memoryGb }) =>
        kind === "managed" || scoring !== "mlflow" || !isBelow(memoryGb, leastForMlflow.memoryGb),
    ),
  )
  .refine(
    ...rule(
      ["thresholds"],
      'the scoring file reads them, which serving.scoring "mlflow" does without; remove one of the two',
      ({ scoring, thresholds }) => scoring !== "mlflow" || thresholds === undefined,
    ),
  )
  .refine(
    ...rule(
      ["batch"],
      'its jobs call the scoring file, which serving.scoring "mlflow" does without; remove one of the two',
      ({ scoring, batch }) => scoring !== "mlflow" || batch === undefined,
    ),
  )
  .refine(
    ...rule(
      ["existingCluster"],
      'serving.kind "managed" has no cluster; remove one of the two',
      ({ kind, existingCluster }) => kind !== "managed" || existingCluster === undefined,
    ),
  );

export type ServingConfig = z.output<typeof servingSchema>;
