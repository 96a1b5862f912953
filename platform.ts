import * as pulumi from "@pulumi/pulumi";
import type { ChampionModel } from "./components/championModel";
import type { CocoDataset } from "./components/cocoDataset";
import type { DetectionEndpoint } from "./components/detectionEndpoint";
import type { GpuCluster } from "./components/gpuCluster";
import type { LabelingProject } from "./components/labelingProject";
import type { Workspace } from "./components/workspace";

interface Parts {
  workspace: Workspace;
  cluster: GpuCluster;
  dataset: CocoDataset;
  labeling: LabelingProject | undefined;
  champion: ChampionModel;
  endpoint: DetectionEndpoint;
}

/** The stack's one output: names, ids, URIs and states; no secrets. `schemaVersion` rises when a field goes or changes. */
export function platformOutput({ workspace, cluster, dataset, labeling, champion, endpoint }: Parts) {
  return pulumi.output({
    schemaVersion: "1.0",
    workspace: { name: workspace.name, id: workspace.id, trackingUri: workspace.trackingUri },
    compute: { name: cluster.name, vmSize: cluster.vmSize, maxNodes: cluster.maxNodes, state: cluster.state },
    data: { images: dataset.images, training: dataset.training, validation: dataset.validation },
    labeling: labeling
      ? { service: "azureml", url: null, project: labeling.projectName, progress: labeling.progress }
      : null,
    champion: pulumi.all([champion.record, champion.history]).apply(([record, history]) => ({ ...record, history })),
    promotion: pulumi
      .all([champion.decision, champion.decisions, champion.report])
      .apply(([decision, decisions, report]) => ({ ...decision, decisions, report })),
    endpoint: {
      name: endpoint.name,
      state: endpoint.state,
      scoringUri: endpoint.scoringUri,
      swaggerUri: endpoint.swaggerUri,
      authMode: endpoint.authMode,
      keySecretId: endpoint.keySecretId,
      deployment: endpoint.deployment,
      modelVersion: champion.record.version,
      traffic: endpoint.traffic,
    },
  });
}
