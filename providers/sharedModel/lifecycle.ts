import { apiVersions, ArmClient, ArmRequestError } from "../../lib/azure/arm";
import { copyBlobs } from "../../lib/azure/copyBlobs";
import {
  addressOf,
  openUpload,
  registryAssetUri,
  registryVersionId,
  type RegistryAsset,
} from "../../lib/azure/modelRegistry";
import { sharingTag, type ModelProperties, type ModelTags } from "../../lib/promotion";
import { contentVersion } from "../championModel/content";
import { openOrigin, writeRecord, type Origin } from "../championModel/origin";
import { artifactPath } from "../championModel/registry";
import { defineLifecycle } from "../lifecycle";

interface Inputs {
  registryId: string;
  modelName: string;
  /** ORG/PROJECT/STACK of this stack. */
  stack: string;
  /** ARM id of the champion's version. */
  modelId: string;
  /** ISO time. */
  promotedAt: string;
}

interface Outputs extends Inputs {
  version: string;
  /** As the service names it in other requests. */
  assetUri: string;
}

/** Lineage that goes with the model; who is the champion here is for this workspace alone. */
const shared = [
  "job",
  "best_child",
  "model_name",
  "data_version",
  "data_asset",
  "metric",
  "metric_value",
  "git_commit",
  "spec_hash",
] as const satisfies (keyof ModelTags)[];

/** Has the champion in the registry, under a version that its content names, and marked as this stack's champion. */
async function share(inputs: Inputs): Promise<Outputs> {
  const { registryId, modelName: model, stack, modelId, promotedAt } = inputs;
  const arm = await ArmClient.connect();
  const origin = await openOrigin(arm, modelId);
  if (!origin) throw new Error(`${modelId}, the champion, is not there. Run "pulumi refresh", then "pulumi up".`);
  const version = await contentVersion(origin.files, origin.version.modelType);
  const asset = { registryId, model, version };
  const id = registryVersionId(asset);
  const found = await arm.get<ModelProperties>(id, apiVersions.machineLearning);
  const properties = found?.properties ?? (await upload(arm, asset, origin, inputs));
  const tag = sharingTag(stack);
  if (properties.tags?.[tag] !== promotedAt) {
    const tags = { ...properties.tags, [tag]: promotedAt };
    await arm.put(id, apiVersions.machineLearning, { properties: { ...properties, tags } });
  }
  const what = found ? "was in the registry already" : "is in the registry now";
  console.log(`Champion of ${stack}: version ${version} of ${model} ${what}`);
  if (properties.isArchived) console.log(`Version ${version} is archived in the registry: nobody takes it from there`);
  return { ...inputs, version, assetUri: registryAssetUri(asset) };
}

/** Begun anew after a run that was killed, it goes on where that one was. Answers what the version is to be made of. */
async function upload(
  arm: ArmClient,
  asset: RegistryAsset,
  origin: Origin,
  { stack, modelId }: Inputs,
): Promise<ModelProperties> {
  const { version, files } = origin;
  const container = await openUpload(arm, asset);
  await copyBlobs(files.container, `${files.prefix}outputs/`, container, "outputs/");
  const run = await origin.record();
  if (run) await writeRecord({ container, prefix: "" }, { ...run, images: await origin.images() });
  const tags = Object.fromEntries(shared.flatMap((key) => (version.tags[key] ? [[key, version.tags[key]]] : [])));
  return {
    modelType: version.modelType,
    modelUri: `${addressOf(container)}/${artifactPath(version.modelType)}`,
    description: `Best child run of ${version.tags.job}`,
    isArchived: false,
    tags: { ...tags, source_model: modelId, source_stack: stack },
    ...(version.modelType === "mlflow_model" ? { flavors: { python_function: { data: {} } } } : {}),
  };
}

export const lifecycle = defineLifecycle<Inputs, Outputs>({
  replaceOn: ["registryId", "modelName", "stack"],

  async create(inputs) {
    const outputs = await share(inputs);
    return { id: `${inputs.registryId}/models/${inputs.modelName}`, outputs };
  },

  /** Without its mark the champion is not to be found there: the next `up` sets it again. */
  async read(_id, state) {
    const { registryId, modelName: model, version, stack, promotedAt } = state;
    const arm = await ArmClient.connect();
    const id = registryVersionId({ registryId, model, version });
    try {
      const found = await arm.get<ModelProperties>(id, apiVersions.machineLearning);
      return found?.properties.tags?.[sharingTag(stack)] === promotedAt ? state : undefined;
    } catch (error) {
      if (error instanceof ArmRequestError && error.status === 404) return undefined;
      throw error;
    }
  },

  async update(_id, inputs) {
    return share(inputs);
  },

  // Others serve what was shared; it stays, and so does the record of whose champion it was.
  async delete() {},
});
