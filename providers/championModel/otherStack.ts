import type { ArmClient } from "../../lib/azure/arm";
import { copyBlobs } from "../../lib/azure/copyBlobs";
import { formatDatastorePath, openRunArtifacts } from "../../lib/azure/datastores";
import { parseRegistryVersionId } from "../../lib/azure/modelRegistry";
import { perLabelFigures, type ModelTags, type ModelType } from "../../lib/promotion";
import { contentVersion } from "./content";
import type { JobAnswer } from "./jobCandidates";
import { openOrigin, writeRecord } from "./origin";
import { artifactProof } from "./registry";

/** The champion of another stack. */
export interface StackChampion {
  /** ORG/PROJECT/STACK. */
  stack: string;
  /** ARM id of the model's version, as that stack's outputs or the registry name it; empty where there is none. */
  modelId: string;
  /** ARM id of the registry that the stack shares it through; absent where its own workspace is read. */
  registryId?: string;
}

interface Question {
  arm: ArmClient;
  source: StackChampion;
  modelType: ModelType;
  countImages: boolean;
}

/** Lineage of the copy: what the stack that trained the model has on record of it. */
export type Lineage = Partial<ModelTags>;

/** Asks another stack for its champion, of which nothing but reading is wanted. */
export async function stackCandidate(question: Question): Promise<{ answer: JobAnswer; lineage: Lineage }> {
  const { arm, source, modelType, countImages } = question;
  const none = (reason: string) => ({ answer: { kind: "none" as const, job: source.stack, reason }, lineage: {} });
  if (source.modelId === "")
    return none(
      `registry ${source.registryId} has no champion of ${source.stack}; set model.registry.publish there, and run "pulumi up"`,
    );
  const origin = await openOrigin(arm, source.modelId);
  if (!origin) return none(`${source.modelId}, the champion of ${source.stack}, is not there; run "pulumi up" there`);
  const { version, files } = origin;
  const what = `version ${version.version}, the champion of ${source.stack},`;
  if (version.archived) return none(`${what} is archived; run "pulumi up" there`);
  const proof = artifactProof(modelType);
  if (!(await files.container.getBlobClient(files.prefix + proof).exists())) return none(`${what} has no ${proof}`);
  const isNamed = parseRegistryVersionId(version.id) !== undefined;
  if (isNamed && version.version !== (await contentVersion(files, version.modelType)))
    return none(`${what} has other files than it was shared with; share it again under another name`);
  const run = await origin.record();
  return {
    answer: {
      kind: "candidate",
      candidate: {
        job: version.tags.job ?? "",
        trial: version.trial,
        metric: version.value,
        perLabel: perLabelFigures(run?.metrics ?? {}),
        data: version.data,
        images: countImages ? await origin.images() : null,
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
  const origin = await openOrigin(arm, source.modelId);
  if (!origin) throw new Error(`${source.modelId}, the champion of ${source.stack}, is gone. Run "pulumi up" again.`);
  const { container, prefix } = origin.files;
  const to = await openRunArtifacts(arm, workspaceId, trial);
  const copied = await copyBlobs(container, `${prefix}outputs/`, to.container, `${to.prefix}outputs/`);
  const record = await origin.record();
  if (record) await writeRecord(to, { ...record, images: await origin.images() });
  console.log(`Model of ${trial}: ${copied.files} files of ${source.stack}, ${copied.bytes} bytes copied`);
  return formatDatastorePath({ workspaceId, datastore: "workspaceartifactstore", path: to.prefix + path });
}
