import * as pulumi from "@pulumi/pulumi";
import type { BatchEndpoint } from "./components/batchEndpoint";
import type { ChampionModel } from "./components/championModel";
import type { DataAsset } from "./components/cocoDataset";
import type { DetectionEndpoint } from "./components/detectionEndpoint";
import type { GpuCluster } from "./components/gpuCluster";
import type { LabelingProject } from "./components/labelingProject";
import type { Workspace } from "./components/workspace";
import { schemaVersion, type Platform } from "./contract/schema";

interface Parts {
  workspace: Workspace;
  cluster: GpuCluster;
  /** Data assets in use. */
  data: Record<"images" | "training" | "validation", DataAsset>;
  labeling: LabelingProject | undefined;
  champion: ChampionModel;
  endpoint: DetectionEndpoint;
  batch: BatchEndpoint | undefined;
  /** Blob that the document is published to. */
  documentUri: pulumi.Input<string> | null;
}

/** The stack's one output, in the form that contract/schema.ts documents. */
export function platformOutput(parts: Parts): pulumi.Output<Platform> {
  const { workspace, cluster, data, labeling, champion, endpoint, batch, documentUri } = parts;
  return pulumi.output({
    schemaVersion,
    workspace: {
      name: workspace.name,
      id: workspace.id,
      resourceGroup: workspace.resourceGroupName,
      location: workspace.location,
      trackingUri: workspace.trackingUri,
      keyVaultId: workspace.keyVaultId,
      logAnalyticsId: workspace.logAnalyticsId,
    },
    compute: { name: cluster.name, vmSize: cluster.vmSize, maxNodes: cluster.maxNodes, state: cluster.state },
    data,
    labeling: labeling
      ? {
          service: labeling.service,
          url: labeling.url,
          project: labeling.projectName,
          progress: labeling.progress,
          lastRefresh: labeling.lastRefresh,
          lastExport: labeling.lastExport.apply((last) => last && { asset: last.asset, version: last.version }),
        }
      : null,
    champion: pulumi.all([champion.record, champion.history]).apply(([record, history]) => ({ ...record, history })),
    promotion: pulumi
      .all([champion.decision, champion.decisions, champion.report])
      .apply(([decision, decisions, report]) => ({ ...decision, decisions, report })),
    endpoint: {
      name: endpoint.name,
      id: endpoint.id,
      state: endpoint.state,
      scoringUri: endpoint.scoringUri,
      swaggerUri: endpoint.swaggerUri,
      authMode: endpoint.authMode,
      keySecretId: endpoint.keySecretId,
      deployment: endpoint.deployment,
      modelVersion: champion.record.version,
      traffic: endpoint.traffic,
    },
    batch: batch
      ? {
          name: batch.name,
          id: batch.id,
          state: batch.state,
          scoringUri: batch.scoringUri,
          deployment: batch.deployment,
          modelVersion: champion.record.version,
        }
      : null,
    identities: { workspace: workspace.principalId, compute: cluster.principalId, endpoint: endpoint.principalId },
    documentUri,
  });
}
