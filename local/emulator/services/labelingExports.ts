import { workspaceOf } from "../arm/ids";
import { ArmError, type Cloud, type LongAction, type ResourceRecord } from "../contracts";
import { classesOf, type LabelingJobProperties } from "./labelingJobProperties";
import { requireResource } from "./references";

const ml = "Microsoft.MachineLearningServices/workspaces";
const formats = ["Coco", "CSV", "Dataset"] as const;

/** What a labeling project exports, in the container of the workspace's default datastore; nobody has labeled anything in it. */
export const exportLabels: LongAction = {
  check: ({ body }) => void formatOf(body),

  async run({ record, body, startTime }, cloud) {
    const format = formatOf(body);
    const name = `${record.name}_${startTime.replace(/[-:]/g, "").replace("T", "_").slice(0, 15)}`;
    const datastore = requireResource(cloud, `${workspaceOf(record.id)}/datastores/workspaceblobstore`, "datastore");
    const { accountName, containerName } = datastore.properties as { accountName: string; containerName: string };
    const write = async (path: string, text: string) => {
      await cloud.container(accountName, containerName).getBlockBlobClient(path).upload(text, Buffer.byteLength(text));
    };
    const summary = (place: object) => ({
      ...{ format, ...place, labelingJobId: record.id, exportedRowCount: 0 },
      ...{ startDateTime: startTime, endDateTime: cloud.now().toISOString() },
    });
    if (format === "Dataset") {
      const folder = `Labeling/export/dataset/${name}`;
      await write(`${folder}/annotations.jsonl`, "");
      await write(`${folder}/MLTable`, mlTable);
      await registerData(record, name, `azureml://datastores/workspaceblobstore/paths/${folder}/`, cloud);
      return summary({ labeledAssetName: name });
    }
    const isCoco = format === "Coco";
    const snapshotPath = `Labeling/export/${format.toLowerCase()}/${name}.${isCoco ? "json" : "csv"}`;
    await write(snapshotPath, isCoco ? JSON.stringify(cocoOf(record)) : "Url,Label,LabelConfidence\n");
    return summary({ containerName, snapshotPath });
  },
};

function formatOf(body: unknown): (typeof formats)[number] {
  const { format } = (body ?? {}) as { format?: string };
  const known = formats.find((name) => name === format);
  if (known) return known;
  throw new ArmError(400, "UserError", `'${format}' is no format of an export: ${formats.join(", ")}.`, "format");
}

function cocoOf({ properties }: ResourceRecord): object {
  const labels = classesOf(properties as LabelingJobProperties).map((path) => path.split("/").at(-1) ?? "");
  const categories = labels.map((name, index) => ({ id: index + 1, name }));
  return { images: [], annotations: [], categories };
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
