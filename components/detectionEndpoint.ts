import * as pulumi from "@pulumi/pulumi";
import * as ml from "@pulumi/azure-native/machinelearningservices";
import { contentName } from "../lib/serving/contentName";
import { deploymentSettings, type DeploymentConfig } from "../lib/serving/deploymentSettings";
import { EndpointKey } from "../providers/endpointKey/resource";
import { EndpointTraffic } from "../providers/endpointTraffic/resource";
import { ownerTag } from "../lib/serving/ownerTag";
import type { RolloutRules } from "../providers/endpointTraffic/rollout";
import { OnlineDeployment } from "../providers/onlineDeployment/resource";
import type { ChampionModel } from "./championModel";
import { stackOwner } from "./owner";
import { scoringAssets, type ScoringAssets } from "./scoringAssets";
import type { ServingTarget } from "./servingTarget";
import type { Workspace } from "./workspace";

export interface DetectionEndpointArgs extends DeploymentConfig {
  workspace: Workspace;
  target: ServingTarget;
  champion: ChampionModel;
  /** Name of the endpoint, unique in its region. */
  endpointName: string;
  /** @default "key" */
  authMode?: "key" | "amlToken";
  /** By AutoML's scoring file and environment, or an MLflow model by the service itself. @default "champion" */
  scoring?: "champion" | "mlflow";
  /** Table of pictures that no model was trained on; new deployments are probed with them. */
  heldOut: { id: pulumi.Input<string> };
  /** Whether it is reached from public networks; managed endpoints alone. @default the service's own, which is "Enabled" */
  publicNetworkAccess?: "Enabled" | "Disabled";
  /** Whether Pulumi refuses to delete endpoint and traffic. @default false */
  protect?: boolean;
  /** How traffic moves to a new deployment. */
  rollout: RolloutRules & {
    /** Held-out pictures of a round of probes; 0 probes nothing, where the endpoint cannot be reached from here. */
    probeImages: number;
    /** Minutes that a deployment without traffic is kept. */
    keepMinutes: number;
  };
}

/** The champion behind an online endpoint. A changed deployment is made beside the serving one. */
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
  /** ARM id of the environment version that the champion is served by; an MLflow model has none. */
  readonly environmentId: pulumi.Output<string> | undefined;

  constructor(name: string, args: DetectionEndpointArgs, opts?: pulumi.ComponentResourceOptions) {
    super("objectdetection:index:DetectionEndpoint", name, {}, opts);
    this.authMode = args.authMode ?? "key";

    const code = args.scoring === "mlflow" ? undefined : scoringAssets(name, args, this);
    this.environmentId = code?.environmentId;
    const endpoint = this.declareEndpoint(name, args);
    const deployment = this.declareDeployment(name, args, endpoint, code);
    const { probeImages, keepMinutes, ...rules } = args.rollout;
    const traffic = new EndpointTraffic(
      `${name}-traffic`,
      {
        endpointId: endpoint.id,
        deployment: deployment.deploymentName,
        owner: stackOwner(),
        rules,
        probes:
          probeImages === 0 ? null : { workspaceId: args.workspace.id, dataId: args.heldOut.id, images: probeImages },
        keepMinutes,
      },
      { parent: this, dependsOn: [deployment], protect: args.protect },
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
          compute: args.target.computeId,
          publicNetworkAccess: args.publicNetworkAccess,
          description: "Object detection by the champion model",
        },
      },
      // Traffic has a resource of its own: it may name only deployments that exist.
      { parent: this, ignoreChanges: ["properties.traffic"], protect: args.protect },
    );
  }

  private declareDeployment(
    name: string,
    args: DetectionEndpointArgs,
    endpoint: ml.OnlineEndpoint,
    code: ScoringAssets | undefined,
  ): OnlineDeployment {
    const { kind, instanceType } = args.target;
    const settings = deploymentSettings(kind, instanceType, args);
    const { modelId } = args.champion;
    const capacity = args.autoscale.min;
    const howItRuns = JSON.stringify(kind === "managed" ? { ...settings, capacity } : settings);
    const deploymentName = pulumi
      .all([modelId, ...(code ? [code.codeId, code.environmentId] : [])])
      .apply((content) => contentName([...content, howItRuns]));
    return new OnlineDeployment(
      `${name}-deployment`,
      {
        endpointId: endpoint.id,
        deploymentName,
        location: args.workspace.location,
        capacity,
        tags: { [ownerTag]: stackOwner() },
        endsWithTraffic: args.rollout.keepMinutes > 0,
        properties: {
          ...settings,
          model: modelId,
          ...(code && {
            codeConfiguration: { codeId: code.codeId, scoringScript: "score.py" },
            environmentId: code.environmentId,
          }),
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
