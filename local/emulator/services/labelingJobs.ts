import { workspaceOf } from "../arm/ids";
import {
  ArmError,
  type ActionRequest,
  type Cloud,
  type PutRequest,
  type ResourceRecord,
  type TypeBehaviour,
} from "../contracts";
import { guidOf } from "../guid";
import { requireResource } from "./references";

const ml = "Microsoft.MachineLearningServices/workspaces";

interface LabelingJob {
  dataConfiguration?: { dataId?: string };
  labelingJobMediaProperties?: { annotationType?: string };
  labelCategories?: Record<string, { classes?: Record<string, object> }>;
  mlAssistConfiguration?: { mlAssist?: string; trainingComputeBinding?: string; inferencingComputeBinding?: string };
  status?: "Running" | "Paused";
  progressMetrics?: object;
}

/**
 * Azure ML's own labeling, retired on 2026-09-30: projects as its API has them, in which nobody can label. So exports are whole
 * and hold nothing.
 */
export const labelingJobBehaviour: TypeBehaviour = {
  type: `${ml}/labelingJobs`,
  coverage: {
    gaps: {
      PUT: "a project with counts: nobody can label in it",
      "POST exportlabels": "answered when it is done, with 200; nobody has labeled anything, so it holds no row",
    },
  },
  check(request, cloud) {
    const { dataConfiguration, mlAssistConfiguration: assist } = propertiesOf(request);
    requireResource(cloud, dataConfiguration?.dataId, "properties.dataConfiguration.dataId");
    if (assist?.mlAssist === "Enabled") {
      for (const key of ["trainingComputeBinding", "inferencingComputeBinding"] as const)
        requireResource(cloud, assist[key], `properties.mlAssistConfiguration.${key}`);
    }
    checkChanges(request);
  },
  properties: ({ body, id, existing }, cloud) => ({
    ...body.properties,
    projectId: guidOf(id),
    status: existing?.properties.status ?? "Running",
    createdDateTime: existing?.properties.createdDateTime ?? cloud.now().toISOString(),
    statusMessages: [],
    progressMetrics: existing?.properties.progressMetrics ?? {
      totalDatapointCount: 0,
      completedDatapointCount: 0,
      skippedDatapointCount: 0,
      incrementalDataLastRefreshDateTime: cloud.now().toISOString(),
    },
  }),
  provision: (record, cloud) => countImages(record, cloud),
  actions: {
    pause: (request, cloud) => move(request, cloud, "Running", "Paused"),
    resume: (request, cloud) => move(request, cloud, "Paused", "Running"),
    exportlabels: exportLabels,
  },
};

function propertiesOf({ body }: PutRequest): LabelingJob {
  return body.properties ?? {};
}

function refused(message: string, target?: string): ArmError {
  return new ArmError(400, "UserError", message, target);
}

/** The data and the kind of annotation stay; labels can be added while the project is paused, and none can be removed. */
function checkChanges(request: PutRequest): void {
  if (!request.existing) return;
  const [before, after] = [request.existing.properties as LabelingJob, propertiesOf(request)];
  if (before.dataConfiguration?.dataId !== after.dataConfiguration?.dataId)
    throw refused("The data of a labeling project cannot be changed.", "properties.dataConfiguration.dataId");
  if (before.labelingJobMediaProperties?.annotationType !== after.labelingJobMediaProperties?.annotationType)
    throw refused(
      "The annotation type of a labeling project cannot be changed.",
      "properties.labelingJobMediaProperties",
    );
  const [old, now] = [classesOf(before), classesOf(after)];
  const target = "properties.labelCategories";
  const gone = old.filter((name) => !now.includes(name));
  if (gone.length > 0)
    throw refused(`Labels cannot be removed from a labeling project: '${gone.join("', '")}'.`, target);
  if (now.length > old.length && before.status !== "Paused")
    throw refused("Labels can be added to a labeling project only while it is Paused.", target);
}

function classesOf({ labelCategories = {} }: LabelingJob): string[] {
  return Object.entries(labelCategories).flatMap(([category, { classes = {} }]) =>
    Object.keys(classes).map((name) => `${category}/${name}`),
  );
}

async function move({ record }: ActionRequest, cloud: Cloud, from: LabelingJob["status"], to: LabelingJob["status"]) {
  const { status } = record.properties as LabelingJob;
  if (status !== from && status !== to)
    throw new ArmError(409, "Conflict", `Labeling project '${record.name}' is ${status}; it has to be ${from}.`);
  await cloud.resources.patchProperties(record.id, { status: to });
  return { status: 200 };
}

const formats = ["Coco", "CSV", "Dataset"] as const;

/** What a labeling project exports, in the container of the workspace's default datastore. */
async function exportLabels({ record, body }: ActionRequest, cloud: Cloud) {
  const { format } = (body ?? {}) as { format?: string };
  const known = formats.find((name) => name === format);
  if (!known) throw refused(`'${format}' is no format of an export: ${formats.join(", ")}.`, "format");
  const start = cloud.now().toISOString();
  const stamp = start.replace(/[-:]/g, "").replace("T", "_").slice(0, 15);
  const name = `${record.name}_${stamp}`;
  const datastore = requireResource(cloud, `${workspaceOf(record.id)}/datastores/workspaceblobstore`, "datastore");
  const { accountName, containerName } = datastore.properties as { accountName: string; containerName: string };
  const write = async (path: string, text: string) => {
    await cloud.container(accountName, containerName).getBlockBlobClient(path).upload(text, Buffer.byteLength(text));
  };
  const summary = () => ({
    ...{ labelingJobId: record.id, exportedRowCount: 0 },
    ...{ startDateTime: start, endDateTime: cloud.now().toISOString() },
  });
  if (known === "Dataset") {
    const folder = `Labeling/export/dataset/${name}`;
    await write(`${folder}/annotations.jsonl`, "");
    await write(`${folder}/MLTable`, mlTable);
    const dataUri = `azureml://datastores/workspaceblobstore/paths/${folder}/`;
    await registerData(record, name, dataUri, cloud);
    return { status: 200, body: { format: known, labeledAssetName: name, ...summary() } };
  }
  const isCoco = known === "Coco";
  const snapshotPath = `Labeling/export/${known.toLowerCase()}/${name}.${isCoco ? "json" : "csv"}`;
  const classes = classesOf(record.properties as LabelingJob).map((path) => path.split("/").at(-1) ?? "");
  const coco = {
    images: [],
    annotations: [],
    categories: classes.map((label, index) => ({ id: index + 1, name: label })),
  };
  await write(snapshotPath, isCoco ? JSON.stringify(coco) : "Url,Label,LabelConfidence\n");
  return { status: 200, body: { format: known, containerName, snapshotPath, ...summary() } };
}

const mlTable = "paths:\n  - file: ./annotations.jsonl\ntransformations:\n  - read_json_lines:\n      encoding: utf8\n";

async function registerData({ id }: ResourceRecord, name: string, dataUri: string, cloud: Cloud): Promise<void> {
  const data = `${workspaceOf(id)}/data/${name}`;
  const provisioningState = "Succeeded";
  const systemData = { createdAt: cloud.now().toISOString() };
  const common = { provisioningState, dataType: "mltable", isArchived: false };
  await cloud.resources.put({ id: data, name, type: `${ml}/data`, systemData, properties: common });
  const properties = { ...common, dataUri, isAnonymous: false, description: "Export of a labeling project" };
  await cloud.resources.put({
    id: `${data}/versions/1`,
    name: "1",
    type: `${ml}/data/versions`,
    systemData,
    properties,
  });
}

/** A labeling project begins with every image of its folder unlabeled. */
async function countImages(record: ResourceRecord, cloud: Cloud): Promise<Record<string, unknown>> {
  const { dataConfiguration, progressMetrics } = record.properties as LabelingJob;
  const data = cloud.resources.get(String(dataConfiguration?.dataId));
  const [, datastoreName, path = ""] =
    /\/datastores\/([^/]+)\/paths\/(.*)$/.exec(String(data?.properties.dataUri)) ?? [];
  const datastore = cloud.resources.get(`${workspaceOf(record.id)}/datastores/${datastoreName}`);
  if (!datastore) return {};
  const { accountName, containerName } = datastore.properties as { accountName: string; containerName: string };
  let total = 0;
  for await (const blob of cloud.container(accountName, containerName).listBlobsFlat({ prefix: path })) {
    if (/\.(jpe?g|png|bmp|gif|tiff?|webp)$/i.test(blob.name)) total++;
  }
  return { progressMetrics: { ...progressMetrics, totalDatapointCount: total } };
}
