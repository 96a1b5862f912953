import "./lib/traces";
import * as pulumi from "@pulumi/pulumi";
import * as authorization from "@pulumi/azure-native/authorization";
import * as resources from "@pulumi/azure-native/resources";
import { BatchEndpoint } from "./components/batchEndpoint";
import { ChampionModel } from "./components/championModel";
import { CocoDataset } from "./components/cocoDataset";
import { ContainerRegistry } from "./components/containerRegistry";
import { DetectionEndpoint } from "./components/detectionEndpoint";
import { EncryptionKey } from "./components/encryptionKey";
import { GpuCluster } from "./components/gpuCluster";
import { ImageStorage } from "./components/imageStorage";
import { ImageTrainingJob } from "./components/imageTrainingJob";
import { InferenceCluster } from "./components/inferenceCluster";
import { LabelingService } from "./components/labelingService";
import { LabelingProject } from "./components/labelingProject";
import { Locks } from "./components/locks";
import { Monitoring } from "./components/monitoring";
import { championSource, thisStack } from "./components/otherStack";
import { PlatformDocument } from "./components/platformDocument";
import { PrivateNetwork } from "./components/privateNetwork";
import { managedMachines } from "./components/servingTarget";
import { tagResources } from "./components/tags";
import { TrainingSchedule } from "./components/trainingSchedule";
import { noteStanding, tellSummary } from "./components/upSummary";
import { Workspace } from "./components/workspace";
import { readConfig } from "./config";
import { principalTypeOf } from "./lib/azure/principalType";
import { endWithEngine } from "./lib/engineWatch";
import { resourceNames, stableSuffix } from "./lib/naming";
import { parseJobFiles, titleOf } from "./lib/automl";
import { priceListOf } from "./lib/prices/ofConfig";
import { platformOutput } from "./platform";

// Without its engine the program would spin and fill the memory.
endWithEngine(process.env.PULUMI_NODEJS_ENGINE);

const config = readConfig();
const { jobs: jobPaths, data: trainOn, forceToken, schedule, ...waiting } = config.training;
/** Where the champion comes from when nothing is trained. */
const source = championSource(config.model);
const jobFiles = source === undefined ? parseJobFiles(jobPaths) : [];
const { location, onRetiredSize, onDestroy } = config;
tagResources(config.tags);
const standing = noteStanding();
const client = authorization.getClientConfigOutput();
const caller = {
  principalId: client.objectId,
  principalType: authorization.getClientTokenOutput().token.apply(principalTypeOf),
};
const stack = pulumi.getStack();
const names = client.subscriptionId.apply((subscription) =>
  resourceNames(config.name, stack, stableSuffix(subscription, pulumi.getProject(), stack, config.name)),
);

const { existing, protection } = config;
/** The Label Studio that the stack runs itself, where it does. */
const hosted = config.labeling.host === "azure" ? config.labeling.azure : undefined;
const group =
  existing.resourceGroupId === undefined
    ? new resources.ResourceGroup("group", { resourceGroupName: names.resourceGroup, location })
    : resources.ResourceGroup.get("group", existing.resourceGroupId);
const place = { resourceGroupName: group.name, location };

const network =
  config.network.access === "public"
    ? undefined
    : new PrivateNetwork("network", {
        ...place,
        endpointsName: names.workspace,
        networkName: names.virtualNetwork,
        apps: hosted,
        ...config.network,
      });

const key =
  config.encryption &&
  new EncryptionKey("encryption", { ...place, identityName: names.managedIdentity, ...config.encryption });

const storage = new ImageStorage("storage", {
  ...place,
  accountName: names.storageAccount,
  existingId: existing.storageAccountId,
  network,
  key,
  protection,
});
/** On an account that was there before, who deploys has this right already. */
const uploadRole =
  existing.storageAccountId === undefined
    ? [storage.grant("upload-role", "blobContributor", caller, { parent: storage })]
    : [];
const uploadRights = [...uploadRole, ...storage.ready];

const registry =
  network || existing.containerRegistryId !== undefined
    ? new ContainerRegistry("registry", {
        ...place,
        registryName: names.containerRegistry,
        existingId: existing.containerRegistryId,
        network,
        key,
        protect: protection.protect,
      })
    : undefined;

const workspace = new Workspace("workspace", {
  resourceGroupId: group.id,
  location,
  tenantId: client.tenantId,
  storage,
  registry,
  names,
  existing,
  network,
  outbound: config.network,
  imageBuildCompute: config.compute.name,
  key,
  logRetentionDays: config.monitoring.retentionDays,
  protection,
  onDestroy,
});
workspace.grantModels("models-reader", config.model.readers);

const cluster = new GpuCluster("gpu", {
  workspace,
  storage,
  registry,
  computeName: config.compute.name,
  ...config.compute,
  onRetiredSize,
});

const dataset = new CocoDataset("coco", {
  workspace,
  storage,
  datasetName: config.data.name,
  ...config.data,
  uploadRights,
});

const { service, mlAssist, exportOn, exportStep, host: _host, azure: _azure, ...labelingSettings } = config.labeling;
const labelStudio =
  hosted &&
  new LabelingService("labels", {
    ...place,
    ...hosted,
    names,
    tenantId: client.tenantId,
    network,
    ownNetwork: config.network,
    storage,
    container: dataset.uploads.container,
    vaultId: workspace.keyVaultId,
    logAnalyticsId: workspace.logAnalyticsId,
    // It holds what people have labeled.
    protect: protection.protect || !labelingSettings.deleteAnnotations,
  });
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
        ...(labelStudio && { url: labelStudio.url, imagesUrl: labelStudio.imagesUrl, access: labelStudio.access }),
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
const retraining = schedule && new TrainingSchedule("retraining", { workspace, jobs, ...schedule });

const {
  name: modelName,
  type: modelType,
  source: _source,
  registry: sharing,
  readers: _readers,
  ...rules
} = config.model;
const champion = new ChampionModel("champion", {
  workspace,
  modelName,
  modelType,
  jobs,
  source,
  sharing: sharing?.publish ? { registryId: sharing.id, stack: thisStack() } : undefined,
  schedule: retraining?.candidates,
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
  publicNetworkAccess: network ? "Disabled" : undefined,
  protect: protection.protect,
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

/** What holds data and is the stack's own: what was there before is neither watched nor locked. */
const own = {
  ...(existing.storageAccountId === undefined && { storage: storage.id }),
  ...(existing.keyVaultId === undefined && { vault: workspace.keyVaultId }),
  ...(registry && existing.containerRegistryId === undefined && { registry: registry.id }),
  ...(labelStudio && { labels: labelStudio.databaseId }),
};
const { diagnostics, emails, monthlyBudget } = config.monitoring;
if (diagnostics || emails.length > 0 || monthlyBudget !== undefined)
  new Monitoring("monitoring", {
    resourceGroupId: group.id,
    names,
    logAnalyticsId: workspace.logAnalyticsId,
    watched: { ...own, workspace: workspace.id, endpoint: endpoint.id },
    ...config.monitoring,
  });

/** With which labelers sign up in Label Studio; a secret. */
export const labelersLink = labeling?.labelersLink ?? null;

const document = config.contract.publish
  ? new PlatformDocument("contract", {
      storage,
      containerName: config.contract.container,
      readers: config.contract.readers,
      uploadRights,
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
tellSummary({ platform, jobs, standing, prices: priceListOf(config, process.env) });

if (protection.locks)
  new Locks(
    "locks",
    { ...own, ...(existing.logAnalyticsId === undefined && { logs: workspace.logAnalyticsId }) },
    {
      dependsOn: [storage, workspace, cluster, dataset, endpoint, registry, labelStudio].filter(
        (one) => one !== undefined,
      ),
    },
  );
