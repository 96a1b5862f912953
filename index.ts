import * as pulumi from "@pulumi/pulumi";
import * as authorization from "@pulumi/azure-native/authorization";
import * as resources from "@pulumi/azure-native/resources";
import { ChampionModel } from "./components/championModel";
import { CocoDataset } from "./components/cocoDataset";
import { DetectionEndpoint } from "./components/detectionEndpoint";
import { GpuCluster } from "./components/gpuCluster";
import { ImageStorage } from "./components/imageStorage";
import { ImageTrainingJob } from "./components/imageTrainingJob";
import { InferenceCluster } from "./components/inferenceCluster";
import { LabelingProject } from "./components/labelingProject";
import { PlatformDocument } from "./components/platformDocument";
import { managedMachines } from "./components/servingTarget";
import { Workspace } from "./components/workspace";
import { readConfig } from "./config";
import { principalTypeOf } from "./lib/azure/principalType";
import { endWithEngine } from "./lib/engineWatch";
import { resourceNames, stableSuffix } from "./lib/naming";
import { parseJobFiles, titleOf } from "./lib/automl";
import { platformOutput } from "./platform";

// Without its engine the program would spin and fill the memory.
endWithEngine(process.env.PULUMI_NODEJS_ENGINE);

const config = readConfig();
const { jobs: jobPaths, forceToken, ...waiting } = config.training;
const jobFiles = parseJobFiles(jobPaths);
const { location, onRetiredSize, onDestroy } = config;
const client = authorization.getClientConfigOutput();
const caller = {
  principalId: client.objectId,
  principalType: authorization.getClientTokenOutput().token.apply(principalTypeOf),
};
const stack = pulumi.getStack();
const names = client.subscriptionId.apply((subscription) =>
  resourceNames(config.name, stack, stableSuffix(subscription, pulumi.getProject(), stack, config.name)),
);

const group = new resources.ResourceGroup("group", { resourceGroupName: names.resourceGroup, location });
const resourceGroupName = group.name;

const storage = new ImageStorage("storage", { resourceGroupName, location, accountName: names.storageAccount });
const uploadRole = storage.grant("upload-role", "blobContributor", caller, { parent: storage });

const workspace = new Workspace("workspace", {
  resourceGroupName,
  location,
  tenantId: client.tenantId,
  storage,
  names,
  onDestroy,
});

const cluster = new GpuCluster("gpu", {
  workspace,
  storage,
  computeName: config.compute.name,
  ...config.compute,
  onRetiredSize,
});

const dataset = new CocoDataset("coco", {
  workspace,
  storage,
  datasetName: config.data.name,
  ...config.data,
  uploadRights: [uploadRole],
});

const { service, ...labelingSettings } = config.labeling;
const labeling =
  service === "none"
    ? undefined
    : new LabelingProject("labeling", {
        workspace,
        title: config.data.name,
        dataId: dataset.images.id,
        service,
        ...labelingSettings,
        mlAssistComputeId: labelingSettings.mlAssist ? cluster.id : undefined,
        uploads: dataset.uploads,
      });

const jobs = jobFiles.map(
  (job) =>
    new ImageTrainingJob(titleOf(job), {
      workspace,
      job,
      cluster,
      data: [dataset.training, dataset.validation],
      uploads: dataset.uploads,
      forceToken,
      waiting,
      pricePerHour: config.compute.pricePerHour,
    }),
);

const { name: modelName, type: modelType, ...rules } = config.model;
const champion = new ChampionModel("champion", {
  workspace,
  modelName,
  modelType,
  jobs,
  validation: dataset.validation,
  rules,
});

const target =
  config.serving.kind === "managed"
    ? managedMachines(config.serving.vmSize, onRetiredSize)
    : new InferenceCluster("inference", {
        workspace,
        location,
        ...config.serving,
        replica: config.serving,
        operator: caller,
        onRetiredSize,
      });

const endpoint = new DetectionEndpoint("detection", {
  workspace,
  target,
  champion,
  heldOut: dataset.validation,
  ...config.serving,
});

/** With which labelers sign up in Label Studio; a secret. */
export const labelersLink = labeling?.labelersLink;

const document = config.contract.publish
  ? new PlatformDocument("contract", {
      storage,
      containerName: config.contract.container,
      readers: config.contract.readers,
      uploadRights: [uploadRole],
    })
  : undefined;

/** What other stacks and tools read; see contract/schema.ts. */
export const platform = platformOutput({
  workspace,
  cluster,
  dataset,
  labeling,
  champion,
  endpoint,
  documentUri: document?.uri ?? null,
});
document?.publish(platform);
