import { workspaceOf } from "../arm/ids";
import { ArmError, type Cloud, type PutRequest, type ResourceRecord, type TypeBehaviour } from "../contracts";
import { guidOf } from "../guid";
import { exportLabels } from "./labelingExports";
import { classesOf, type LabelingJobProperties } from "./labelingJobProperties";
import { requireResource } from "./references";

const ml = "Microsoft.MachineLearningServices/workspaces";

/**
 * Azure ML's own labeling, retired on 2026-09-30: projects as its API has them, in which nobody can label. So exports are whole
 * and hold nothing.
 */
export const labelingJobBehaviour: TypeBehaviour = {
  type: `${ml}/labelingJobs`,
  coverage: {
    gaps: {
      PUT: "a project with counts: nobody can label in it",
      "POST exportlabels": "nobody has labeled anything, so it holds no row",
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
    pause: async ({ record }, cloud) => {
      await move(record, cloud, "Paused");
      return { status: 200 };
    },
  },
  longActions: {
    resume: { run: ({ record }, cloud) => move(record, cloud, "Running") },
    exportlabels: exportLabels,
  },
};

function propertiesOf({ body }: PutRequest): LabelingJobProperties {
  return body.properties ?? {};
}

function refused(message: string, target?: string): ArmError {
  return new ArmError(400, "UserError", message, target);
}

/** The data and the kind of annotation stay; labels can be added while the project is paused, and none can be removed. */
function checkChanges(request: PutRequest): void {
  if (!request.existing) return;
  const [before, after] = [request.existing.properties as LabelingJobProperties, propertiesOf(request)];
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

async function move({ id }: ResourceRecord, cloud: Cloud, status: LabelingJobProperties["status"]): Promise<void> {
  await cloud.resources.patchProperties(id, { status });
}

/** A labeling project begins with every image of its folder unlabeled. */
async function countImages(record: ResourceRecord, cloud: Cloud): Promise<Record<string, unknown>> {
  const { dataConfiguration, progressMetrics } = record.properties as LabelingJobProperties;
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
