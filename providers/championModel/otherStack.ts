import { apiVersions, type ArmClient } from "../../lib/azure/arm";
import { copyBlobs } from "../../lib/azure/copyBlobs";
import { formatDatastorePath, openRunArtifacts } from "../../lib/azure/datastores";
import { TrackingClient } from "../../lib/azure/mlflow";
import {
  perLabelFigures,
  readVersion,
  type ModelProperties,
  type ModelTags,
  type ModelType,
} from "../../lib/promotion";
import type { JobAnswer } from "./jobCandidates";
import { artifactProof } from "./registry";
import { countValidationImages } from "./validationImages";

/** The champion of another stack, as that stack's outputs name it. */
export interface StackChampion {
  /** ORG/PROJECT/STACK. */
  stack: string;
  /** ARM id of the model's version. */
  modelId: string;
}

interface Question {
  arm: ArmClient;
  source: StackChampion;
  modelType: ModelType;
  countImages: boolean;
}

/** Lineage of the copy: what the stack that trained the model has on record of it. */
export type Lineage = Partial<ModelTags>;

type RunRecord = Pick<Awaited<ReturnType<TrackingClient["run"]>> & object, "metrics" | "tags" | "params">;

/** Beside the copied outputs of a run: what tracking has of it, which a copy takes no run along for. */
const recordFile = "promotion/run.json";

/** Asks another stack for its champion, of which nothing but reading is wanted. */
export async function stackCandidate(question: Question): Promise<{ answer: JobAnswer; lineage: Lineage }> {
  const { arm, source, modelType, countImages } = question;
  const none = (reason: string) => ({ answer: { kind: "none" as const, job: source.stack, reason }, lineage: {} });
  const found = await arm.get<ModelProperties>(source.modelId, apiVersions.machineLearning);
  if (!found) return none(`${source.modelId}, the champion of ${source.stack}, is not there; run "pulumi up" there`);
  const version = readVersion(found);
  const what = `version ${version.version}, the champion of ${source.stack},`;
  if (version.archived) return none(`${what} is archived; run "pulumi up" there`);
  const workspaceId = workspaceOf(source);
  const { container, prefix } = await openRunArtifacts(arm, workspaceId, version.trial);
  const proof = artifactProof(modelType);
  if (!(await container.getBlobClient(prefix + proof).exists())) return none(`${what} has no ${proof}`);
  const { asset, version: dataVersion } = version.data;
  const dataId = `${workspaceId}/data/${asset}/versions/${dataVersion}`;
  const run = await recordOfRun(arm, workspaceId, version.trial);
  return {
    answer: {
      kind: "candidate",
      candidate: {
        job: version.tags.job ?? "",
        trial: version.trial,
        metric: version.value,
        perLabel: perLabelFigures(run?.metrics ?? {}),
        data: version.data,
        images: countImages && asset !== undefined ? await countValidationImages(arm, workspaceId, dataId) : null,
      },
      run: { tags: version.tags.model_name ? { model_name: version.tags.model_name } : {}, params: {} },
    },
    lineage: {
      ...(version.tags.git_commit && { git_commit: version.tags.git_commit }),
      ...(version.tags.spec_hash && { spec_hash: version.tags.spec_hash }),
      source_model: source.modelId,
      source_stack: source.stack,
    },
  };
}

/**
 * Copies what the run has left, byte by byte and checked, to the same place of this workspace, where the endpoint looks for
 * the scoring file, too. Answers the model's place there.
 */
export async function copyRun(
  { arm, source }: Pick<Question, "arm" | "source">,
  workspaceId: string,
  trial: string,
  path: string,
): Promise<string> {
  const from = await openRunArtifacts(arm, workspaceOf(source), trial);
  const to = await openRunArtifacts(arm, workspaceId, trial);
  const copied = await copyBlobs(from.container, `${from.prefix}outputs/`, to.container, `${to.prefix}outputs/`);
  const run = await recordOfRun(arm, workspaceOf(source), trial);
  if (run)
    await to.container.getBlockBlobClient(to.prefix + recordFile).uploadData(Buffer.from(JSON.stringify(run)), {
      blobHTTPHeaders: { blobContentType: "application/json" },
    });
  console.log(`Model of ${trial}: ${copied.files} files of ${source.stack}, ${copied.bytes} bytes copied`);
  return formatDatastorePath({ workspaceId, datastore: "workspaceartifactstore", path: to.prefix + path });
}

/** As tracking has it, or in a workspace that has a copy, as it was brought along. */
async function recordOfRun(arm: ArmClient, workspaceId: string, trial: string): Promise<RunRecord | undefined> {
  const run = await (await TrackingClient.connect(arm, workspaceId)).run(trial);
  if (run) return { metrics: run.metrics, tags: run.tags, params: run.params };
  const { container, prefix } = await openRunArtifacts(arm, workspaceId, trial);
  const blob = container.getBlobClient(prefix + recordFile);
  return (await blob.exists())
    ? (JSON.parse((await blob.downloadToBuffer()).toString("utf8")) as RunRecord)
    : undefined;
}

function workspaceOf({ modelId }: StackChampion): string {
  return modelId.split("/").slice(0, 9).join("/");
}
