import type { ContainerClient } from "@azure/storage-blob";
import { apiVersions, type ArmClient } from "../../lib/azure/arm";
import { openRunArtifacts } from "../../lib/azure/datastores";
import { readJsonBlob, writeJsonBlob } from "../../lib/azure/jsonBlob";
import { TrackingClient, type TrackedRun } from "../../lib/azure/mlflow";
import { addressOf, openFiles, parseRegistryVersionId } from "../../lib/azure/modelRegistry";
import { readVersion, type ModelProperties, type ModelVersion } from "../../lib/promotion";
import { artifactPath } from "./registry";
import { countValidationImages } from "./validationImages";

/** What tracking has of a run, and how many images its model was measured on. */
export interface RunRecord extends Pick<TrackedRun, "metrics" | "tags" | "params"> {
  images?: number | null;
}

/** Files of a run, each in its place: outputs/, and beside it what is on record of the run. */
export interface RunFiles {
  container: ContainerClient;
  prefix: string;
}

/** Where the champion of another stack is: in that stack's workspace, or in a registry that it shares it through. */
export interface Origin {
  version: ModelVersion;
  files: RunFiles;
  /** As tracking has it, or where the model is a copy, as it was brought along. */
  record(): Promise<RunRecord | undefined>;
  /** Images of the validation data; null where nobody can tell. */
  images(): Promise<number | null>;
}

/** Undefined when there is no such version. @param modelId ARM id of the version, of a workspace or of a registry */
export async function openOrigin(arm: ArmClient, modelId: string): Promise<Origin | undefined> {
  const found = await arm.get<ModelProperties>(modelId, apiVersions.machineLearning);
  if (!found) return undefined;
  const version = readVersion(found);
  return parseRegistryVersionId(modelId) ? inRegistry(arm, version) : inWorkspace(arm, version);
}

async function inWorkspace(arm: ArmClient, version: ModelVersion): Promise<Origin> {
  const workspaceId = version.id.split("/").slice(0, 9).join("/");
  const files = await openRunArtifacts(arm, workspaceId, version.trial);
  const brought = () => readRecord(files);
  return {
    version,
    files,
    async record() {
      const run = await (await TrackingClient.connect(arm, workspaceId)).run(version.trial);
      return run ? { metrics: run.metrics, tags: run.tags, params: run.params } : brought();
    },
    async images() {
      const { asset, version: dataVersion } = version.data;
      const dataId = `${workspaceId}/data/${asset}/versions/${dataVersion}`;
      const counted = asset === undefined ? null : await countValidationImages(arm, workspaceId, dataId);
      return counted ?? (await brought())?.images ?? null;
    },
  };
}

async function inRegistry(arm: ArmClient, version: ModelVersion): Promise<Origin> {
  const asset = parseRegistryVersionId(version.id);
  if (!asset) throw new TypeError(`"${version.id}" is no id of a model in a registry`);
  const { modelUri } = version.properties;
  const container = await openFiles(arm, asset, modelUri);
  const path = decodeURI(modelUri.slice(addressOf(container).length + 1));
  const files = { container, prefix: path.slice(0, -artifactPath(version.modelType).length) };
  const record = () => readRecord(files);
  return { version, files, record, images: async () => (await record())?.images ?? null };
}

/** Beside the outputs of a copied run. */
const recordFile = "promotion/run.json";

function readRecord({ container, prefix }: RunFiles): Promise<RunRecord | undefined> {
  return readJsonBlob<RunRecord>(container, prefix + recordFile);
}

export function writeRecord({ container, prefix }: RunFiles, record: RunRecord): Promise<void> {
  return writeJsonBlob(container, prefix + recordFile, record);
}
