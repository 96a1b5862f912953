import * as pulumi from "@pulumi/pulumi";
import * as ml from "@pulumi/azure-native/machinelearningservices";
import { createHash } from "node:crypto";
import { AssetVersion } from "../providers/assetVersion/resource";
import { EndpointKey } from "../providers/endpointKey/resource";
import { EndpointTraffic } from "../providers/endpointTraffic/resource";
import { ownerTag } from "../providers/endpointTraffic/retired";
import type { RolloutRules } from "../providers/endpointTraffic/rollout";
import { OnlineDeployment } from "../providers/onlineDeployment/resource";
import { ScoringCode } from "../providers/scoringCode/resource";
import type { ChampionModel } from "./championModel";
import type { InferenceCluster } from "./inferenceCluster";
import type { Workspace } from "./workspace";

export interface DetectionEndpointArgs {
  workspace: Workspace;
  cluster: InferenceCluster;
  champion: ChampionModel;
  /** Name of the endpoint, unique in its region. */
  endpointName: string;
  /** @default "key" */
  authMode?: "key" | "amlToken";
  /** Cores that a replica asks for. @default 1 */
  cpu?: number;
  /** Memory in GiB that a replica asks for. @default 50 */
  memoryGb?: number;
  /** GPUs of a replica. @default 1 */
  gpu?: number;
  /**
   * Replicas by load. The default maximum is that of the v1 AKS web service; v2's own is 1.
   * @default {min: 1, max: 10, targetUtilization: 70, refreshSeconds: 1}
   */
  autoscale?: { min: number; max: number; targetUtilization?: number; refreshSeconds?: number };
  /** Seconds that a request may take; v2's own default of 5 is short for a detector. @default 60 */
  timeoutSeconds?: number;
  /** Requests that a replica works on at once. @default 1 */
  concurrency?: number;
  /** Telemetry to the workspace's Application Insights. @default true */
  appInsights?: boolean;
  /** Table of pictures that no model was trained on; new deployments are probed with them. */
  heldOut: { id: pulumi.Input<string> };
  /** How traffic moves to a new deployment. */
  rollout: RolloutRules & {
    /** Held-out pictures of a round of probes; 0 probes nothing, where the endpoint cannot be reached from here. */
    probeImages: number;
    /** Minutes that a deployment without traffic is kept. */
    keepMinutes: number;
  };
  /** Lowest score of an answered box, and overlap from which boxes of one label are merged; the model's own when absent. */
  thresholds?: { boxScore?: number; nmsIou?: number };
}

/** The base image of environments that are built from AutoML's own conda file. */
const scoringImage = "mcr.microsoft.com/azureml/openmpi4.1.0-cuda11.8-cudnn8-ubuntu22.04";

/** The champion behind an online endpoint on the GPU cluster. A changed deployment is made beside the serving one. */
export class DetectionEndpoint extends pulumi.ComponentResource {
  readonly id: pulumi.Output<string>;
  readonly name: pulumi.Output<string>;
  /** Object id of the endpoint's own identity. */
  readonly principalId: pulumi.Output<string | null>;
  readonly state: pulumi.Output<string>;
  readonly scoringUri: pulumi.Output<string>;
  readonly swaggerUri: pulumi.Output<string>;
  readonly authMode: "key" | "amlToken";
  /** ARM id of the Key Vault secret with the key. */
  readonly keySecretId: pulumi.Output<string> | null;
  readonly deployment: pulumi.Output<string>;
  readonly traffic: pulumi.Output<Record<string, number>>;

  constructor(name: string, args: DetectionEndpointArgs, opts?: pulumi.ComponentResourceOptions) {
    super("objectdetection:index:DetectionEndpoint", name, {}, opts);
    this.authMode = args.authMode ?? "key";

    const scoring = new ScoringCode(
      `${name}-scoring`,
      { workspaceId: args.workspace.id, runId: args.champion.bestChild },
      { parent: this },
    );
    const code = this.declareCode(name, args, scoring);
    const environment = this.declareEnvironment(name, args, scoring);
    const endpoint = this.declareEndpoint(name, args);
    const deployment = this.declareDeployment(name, args, endpoint, code, environment);
    const { probeImages, keepMinutes, ...rules } = args.rollout;
    const traffic = new EndpointTraffic(
      `${name}-traffic`,
      {
        endpointId: endpoint.id,
        deployment: deployment.deploymentName,
        owner: ownerOfStack(),
        rules,
        probes:
          probeImages === 0 ? null : { workspaceId: args.workspace.id, dataId: args.heldOut.id, images: probeImages },
        keepMinutes,
      },
      { parent: this, dependsOn: [deployment] },
    );
    this.keySecretId = this.authMode === "key" ? this.declareKey(name, args, endpoint) : null;

    this.id = endpoint.id;
    this.name = endpoint.name;
    this.principalId = endpoint.identity.apply((identity) => identity?.principalId ?? null);
    this.state = traffic.state;
    this.scoringUri = traffic.scoringUri;
    this.swaggerUri = traffic.swaggerUri;
    this.deployment = deployment.deploymentName;
    this.traffic = traffic.traffic;
    this.registerOutputs({ name: this.name, state: this.state, scoringUri: this.scoringUri, traffic: this.traffic });
  }

  private declareCode(name: string, args: DetectionEndpointArgs, scoring: ScoringCode): AssetVersion {
    return new AssetVersion(
      `${name}-code`,
      {
        workspaceId: args.workspace.id,
        kind: "codes",
        assetName: `${args.endpointName}-scoring`,
        version: scoring.codeVersion,
        properties: { codeUri: scoring.codeUri, description: "Scoring file of the champion's training run" },
      },
      { parent: this },
    );
  }

  private declareEnvironment(name: string, args: DetectionEndpointArgs, scoring: ScoringCode): AssetVersion {
    return new AssetVersion(
      `${name}-environment`,
      {
        workspaceId: args.workspace.id,
        kind: "environments",
        assetName: `${args.endpointName}-scoring`,
        version: scoring.environmentVersion,
        properties: { image: scoringImage, condaFile: scoring.condaFile, osType: "Linux" },
      },
      { parent: this },
    );
  }

  private declareEndpoint(name: string, args: DetectionEndpointArgs): ml.OnlineEndpoint {
    return new ml.OnlineEndpoint(
      `${name}-endpoint`,
      {
        ...args.workspace.placement,
        location: args.workspace.location,
        endpointName: args.endpointName,
        identity: { type: ml.ManagedServiceIdentityType.SystemAssigned },
        properties: {
          authMode: this.authMode === "key" ? ml.EndpointAuthMode.Key : ml.EndpointAuthMode.AMLToken,
          compute: args.cluster.computeId,
          description: "Object detection by the champion model",
        },
      },
      // Traffic has a resource of its own: it may name only deployments that exist.
      { parent: this, ignoreChanges: ["properties.traffic"] },
    );
  }

  private declareDeployment(
    name: string,
    args: DetectionEndpointArgs,
    endpoint: ml.OnlineEndpoint,
    code: AssetVersion,
    environment: AssetVersion,
  ): OnlineDeployment {
    const { cpu = 1, memoryGb = 50, gpu = 1, timeoutSeconds = 60, concurrency = 1, appInsights = true } = args;
    const { min, max, targetUtilization = 70, refreshSeconds = 1 } = args.autoscale ?? { min: 1, max: 10 };
    const resources = { cpu: `${cpu}`, memory: `${memoryGb}Gi` };
    const thresholds: Record<string, string> = {
      ...(args.thresholds?.boxScore === undefined ? {} : { BOX_SCORE_THRESHOLD: `${args.thresholds.boxScore}` }),
      ...(args.thresholds?.nmsIou === undefined ? {} : { NMS_IOU_THRESHOLD: `${args.thresholds.nmsIou}` }),
    };
    const settings = {
      endpointComputeType: "Kubernetes" as const,
      instanceType: args.cluster.instanceType,
      environmentVariables: thresholds,
      appInsightsEnabled: appInsights,
      containerResourceRequirements: {
        containerResourceRequests: resources,
        containerResourceLimits: { ...resources, gpu: `${gpu}` },
      },
      scaleSettings: {
        scaleType: "TargetUtilization" as const,
        minInstances: min,
        maxInstances: max,
        targetUtilizationPercentage: targetUtilization,
        pollingInterval: `PT${refreshSeconds}S`,
      },
      requestSettings: {
        requestTimeout: `PT${timeoutSeconds}S`,
        maxConcurrentRequestsPerInstance: concurrency,
        maxQueueWait: "PT0.5S",
      },
    };
    const { modelId } = args.champion;
    const deploymentName = pulumi
      .all([modelId, code.assetId, environment.assetId])
      .apply((content) => deploymentNameOf([...content, JSON.stringify(settings)]));
    return new OnlineDeployment(
      `${name}-deployment`,
      {
        endpointId: endpoint.id,
        deploymentName,
        location: args.workspace.location,
        capacity: min,
        tags: { [ownerTag]: ownerOfStack() },
        endsWithTraffic: args.rollout.keepMinutes > 0,
        properties: {
          ...settings,
          model: modelId,
          codeConfiguration: { codeId: code.assetId, scoringScript: "score.py" },
          environmentId: environment.assetId,
        },
      },
      { parent: this },
    );
  }

  private declareKey(name: string, args: DetectionEndpointArgs, endpoint: ml.OnlineEndpoint): pulumi.Output<string> {
    return new EndpointKey(
      `${name}-key`,
      { endpointId: endpoint.id, keyVaultId: args.workspace.keyVaultId, secretName: `${args.endpointName}-key` },
      { parent: this },
    ).secretId;
  }
}

function ownerOfStack(): string {
  return `${pulumi.getProject()}/${pulumi.getStack()}`;
}

/** Deployment names: a letter first, at most 32 of [a-z0-9-]. Equal content, equal name. */
function deploymentNameOf(content: readonly string[]): string {
  return `d-${createHash("sha256").update(content.join("\0")).digest("hex").slice(0, 12)}`;
}
