import * as pulumi from "@pulumi/pulumi";
import * as ml from "@pulumi/azure-native/machinelearningservices";
import { batchSettings, type BatchConfig } from "../lib/serving/batchConfig";
import { thresholdVariables, type DeploymentConfig } from "../lib/serving/deploymentSettings";
import { contentName } from "../lib/serving/contentName";
import { BatchDeployment } from "../providers/batchDeployment/resource";
import { ownerTag } from "../lib/serving/ownerTag";
import { BatchDefault } from "../providers/batchDefault/resource";
import type { ChampionModel } from "./championModel";
import { stackOwner } from "./owner";
import { scoringCode } from "./scoringAssets";
import type { GpuCluster } from "./gpuCluster";
import type { Workspace } from "./workspace";

export interface BatchEndpointArgs extends BatchConfig {
  workspace: Workspace;
  /** Where jobs run. */
  cluster: GpuCluster;
  champion: ChampionModel;
  /** ARM id of the environment version that the champion is served by. */
  environmentId: pulumi.Input<string>;
  /** Those of the online endpoint. */
  thresholds: DeploymentConfig["thresholds"];
}

/** The champion behind a batch endpoint: requests name a folder of pictures, and a job writes what is on them. */
export class BatchEndpoint extends pulumi.ComponentResource {
  readonly id: pulumi.Output<string>;
  readonly name: pulumi.Output<string>;
  readonly state: pulumi.Output<string>;
  readonly scoringUri: pulumi.Output<string>;
  readonly deployment: pulumi.Output<string>;

  constructor(name: string, args: BatchEndpointArgs, opts?: pulumi.ComponentResourceOptions) {
    super("objectdetection:index:BatchEndpoint", name, {}, opts);
    const endpoint = new ml.BatchEndpoint(
      `${name}-endpoint`,
      {
        ...args.workspace.placement,
        location: args.workspace.location,
        endpointName: args.endpointName,
        properties: {
          authMode: ml.EndpointAuthMode.AADToken,
          description: "Object detection by the champion model, for folders of pictures",
        },
      },
      // The default deployment has a resource of its own: it may name only one that exists.
      { parent: this, ignoreChanges: ["properties.defaults"] },
    );
    const deployment = this.declareDeployment(name, args, endpoint);
    const pointer = new BatchDefault(
      `${name}-default`,
      { endpointId: endpoint.id, deployment: deployment.deploymentName },
      { parent: this, dependsOn: [deployment] },
    );
    this.id = endpoint.id;
    this.name = endpoint.name;
    this.state = pointer.state;
    this.scoringUri = pointer.scoringUri;
    this.deployment = pointer.deployment;
    this.registerOutputs({ name: this.name, state: this.state, scoringUri: this.scoringUri });
  }

  /** Its name is made of its content, so that a changed one is made beside the default one, which goes afterwards. */
  private declareDeployment(name: string, args: BatchEndpointArgs, endpoint: ml.BatchEndpoint): BatchDeployment {
    const { workspace, cluster, champion, environmentId } = args;
    const codeId = scoringCode(name, { ...args, batch: true }, this).codeId;
    const settings = { ...batchSettings(args), environmentVariables: thresholdVariables(args.thresholds) };
    const deploymentName = pulumi
      .all([champion.modelId, codeId, environmentId, cluster.id])
      .apply((content) => contentName([...content, JSON.stringify(settings)]));
    return new BatchDeployment(
      `${name}-deployment`,
      {
        endpointId: endpoint.id,
        deploymentName,
        location: workspace.location,
        tags: { [ownerTag]: stackOwner() },
        properties: {
          ...settings,
          compute: cluster.id,
          model: { referenceType: "Id", assetId: champion.modelId },
          codeConfiguration: { codeId, scoringScript: "batch_score.py" },
          environmentId,
        },
      },
      // The default deployment goes with its endpoint.
      { parent: this, deletedWith: endpoint },
    );
  }
}
