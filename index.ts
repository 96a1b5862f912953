import * as pulumi from "@pulumi/pulumi";
import * as authorization from "@pulumi/azure-native/authorization";
import * as resources from "@pulumi/azure-native/resources";
import { BatchEndpoint } from "./components/batchEndpoint";
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
import { tagResources } from "./components/tags";
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
const { jobs: jobPaths, data: trainOn, forceToken, ...waiting } = config.training;
const jobFiles = parseJobFiles(jobPaths);
const { location, onRetiredSize, onDestroy } = config;
tagResources(config.tags);
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

const { service, mlAssist, exportOn, exportStep, ...labelingSettings } = config.labeling;
const { validationFraction, splitSeed } = config.data;
const labeling =
  service === "none"
    ? undefined
    : new LabelingProject("labeling", {
        workspace,
        title: config.data.name,
        dataId: dataset.images.id,
        service,
        ...labelingSettings,
        mlAssist: { ...mlAssist, computeId: cluster.id },
        export: { exportOn, exportStep, validationFraction, splitSeed, required: trainOn === "labeling" },
        uploads: dataset.uploads,
      });

const { training, validation } = labeling && trainOn === "labeling" ? labeling.exported : dataset;

const jobs = jobFiles.map(
  (job) =>
    new ImageTrainingJob(titleOf(job), {
      workspace,
      job,
      cluster,
      // Whatever they are made of, the job files know them by these names.
      data: [
        { ...training, name: dataset.training.name },
        { ...validation, name: dataset.validation.name },
      ],
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
  validation,
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
  heldOut: validation,
  ...config.serving,
});

labeling?.assist(champion, endpoint);

const { batch: batchSettings, thresholds } = config.serving;
const batch =
  batchSettings && endpoint.environmentId
    ? new BatchEndpoint("batch", {
        workspace,
        cluster,
        champion,
        environmentId: endpoint.environmentId,
        thresholds,
        ...batchSettings,
      })
    : undefined;

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
  data: { images: dataset.images, training, validation },
  labeling,
  champion,
  endpoint,
  batch,
  documentUri: document?.uri ?? null,
});
document?.publish(platform);
