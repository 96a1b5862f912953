import { apiVersions, ArmRequestError, type ArmClient } from "../../lib/azure/arm";
import { lastPromoted, listVersions, nextVersion, promotionTime, type Candidate } from "../../lib/promotion";
import {
  readVersion,
  type ModelProperties,
  type ModelTags,
  type ModelType,
  type ModelVersion,
} from "../../lib/promotion";

/** Where a run leaves its model, and a file that is there when the model is complete. */
const artifacts: Record<ModelType, { path: string; proof: string }> = {
  custom_model: { path: "outputs/model.pt", proof: "outputs/model.pt" },
  mlflow_model: { path: "outputs/mlflow-model", proof: "outputs/mlflow-model/MLmodel" },
};

export function artifactProof(type: ModelType): string {
  return artifacts[type].proof;
}

/** @param type of a version, which anybody may have registered: others than MLflow's are files */
export function artifactPath(type: string): string {
  return artifacts[type === "mlflow_model" ? type : "custom_model"].path;
}

/** Tags of this length are safe with every service that shows them. */
const longestTag = 256;

/** Another writer was first: what was decided was decided on versions that are not the last ones any more. */
export class Superseded extends Error {
  override readonly name = "Superseded";
  constructor(version: string) {
    super(`Version ${version} of the model was registered or promoted by somebody else at the same time.`);
  }
}

/** The versions of one registered model, and the writes that make one of them the champion. */
export class ModelRegistry {
  constructor(
    private readonly arm: ArmClient,
    private readonly workspaceId: string,
    readonly modelName: string,
    private readonly modelType: ModelType,
    /** Puts a candidate's model where a version can refer to it, and answers where. @default the outputs of its run */
    private readonly place: (candidate: Candidate, path: string) => Promise<string> = inRun,
  ) {}

  /** All versions in numeric order; archived ones are among them, since their numbers are taken. */
  versions(): Promise<ModelVersion[]> {
    return listVersions(this.arm, this.workspaceId, this.modelName);
  }

  /** The version that was made of a trial's model in the form that is asked for. */
  of(trial: string, versions: readonly ModelVersion[]): ModelVersion | undefined {
    return versions.find((version) => version.trial === trial && version.modelType === this.modelType);
  }

  /**
   * Makes a version of the trial's model with the given tags, or finds the one that exists.
   *
   * The service has no conditional PUT for versions, but it refuses other content under a number that is taken. The number
   * comes from the versions that the gate has seen, so whoever comes second is refused and decides anew. Two writers of the
   * same trial, and one that was killed after its PUT, end with one version.
   * @param seen the versions that were decided on
   * @param gone numbers that were in use before their versions were deleted
   * @throws Superseded when another version has taken the number
   */
  async ensureVersion(
    candidate: Candidate,
    tags: ModelTags,
    seen: readonly ModelVersion[],
    gone: readonly string[],
  ): Promise<ModelVersion> {
    const existing = this.of(candidate.trial, seen);
    if (existing) return existing;
    const number = nextVersion(seen, gone);
    const content = await this.contentOf(candidate);
    try {
      return await this.put(number, { ...content, tags: withoutUndefined(tags) });
    } catch (error) {
      const refused = error instanceof ArmRequestError && (error.status === 409 || error.status === 400);
      if (refused && (await this.get(number))) throw new Superseded(number);
      throw error;
    }
  }

  /**
   * Makes a version the champion: it gets the tag, and then the others lose it. Killed in between, both carry the tag, the
   * later promotion counts (`championOf`), and the next promotion or repair takes the tag from the other.
   * @throws Superseded when somebody else has promoted since
   */
  async promote(version: ModelVersion, tags: Partial<ModelTags>, seen: readonly ModelVersion[]): Promise<ModelVersion> {
    const promoted = promotionTime(await this.unchangedSince(seen));
    await this.retag(version, { ...tags, champion: "true", promoted_at: promoted, demoted_at: undefined });
    return this.repair();
  }

  /**
   * The same for a trial. A new version is born as the champion, in one write: another writer of the same version, whose
   * write comes late, then cannot take the tag away again.
   */
  async promoteTrial(
    candidate: Candidate,
    tags: ModelTags,
    seen: readonly ModelVersion[],
    gone: readonly string[],
  ): Promise<ModelVersion> {
    const existing = this.of(candidate.trial, seen);
    if (existing) return this.promote(existing, { approval: tags.approval, decision: tags.decision }, seen);
    const promoted = promotionTime(await this.unchangedSince(seen));
    const born: ModelTags = { ...tags, champion: "true", promoted_at: promoted };
    const { version } = await this.ensureVersion(candidate, born, seen, gone);
    const now = await this.versions();
    if (!now.some((other) => other.version === version && other.trial === candidate.trial))
      throw new Superseded(version);
    return this.repair(now);
  }

  /** @throws Superseded when the champion is another one than it was */
  private async unchangedSince(seen: readonly ModelVersion[]): Promise<ModelVersion[]> {
    const now = await this.versions();
    const champion = lastPromoted(now);
    if (champion && champion.version !== lastPromoted(seen)?.version) throw new Superseded(champion.version);
    return now;
  }

  /**
   * Tags the version that was promoted last, and no other. It looks again first: another stack or person may have promoted
   * in the meantime, and all who repair come to the same end.
   */
  async repair(known?: readonly ModelVersion[]): Promise<ModelVersion> {
    const versions = known ?? (await this.versions());
    const champion = lastPromoted(versions);
    if (!champion) throw new Error(`Model ${this.modelName} has no champion to repair.`);
    const serving = champion.tagged
      ? champion
      : await this.retag(champion, { champion: "true", demoted_at: undefined });
    for (const version of versions) {
      if (version.tagged && version.version !== champion.version)
        await this.retag(version, { champion: "false", demoted_at: champion.promotedAt ?? new Date().toISOString() });
    }
    return serving;
  }

  /** Changes some tags of a version; undefined removes one. Content is written back as it is, since it cannot change. */
  retag(version: ModelVersion, tags: { [K in keyof ModelTags]?: ModelTags[K] | undefined }): Promise<ModelVersion> {
    return this.put(version.version, {
      ...version.properties,
      tags: withoutUndefined({ ...version.tags, ...tags }),
    });
  }

  private async contentOf(candidate: Candidate): Promise<ModelProperties> {
    const { trial, job } = candidate;
    const modelUri = await this.place(candidate, artifacts[this.modelType].path);
    return {
      modelType: this.modelType,
      modelUri,
      // A run of another workspace is no job of this one.
      ...(this.place === inRun ? { jobName: trial } : {}),
      description: `Best child run of ${job}`,
      isArchived: false,
      ...(this.modelType === "mlflow_model" ? { flavors: { python_function: { data: {} } } } : {}),
    };
  }

  private async put(version: string, properties: ModelProperties): Promise<ModelVersion> {
    const id = `${this.collection}/${version}`;
    return readVersion(await this.arm.put<ModelProperties>(id, apiVersions.machineLearning, { properties }));
  }

  private get(version: string) {
    return this.arm.get<ModelProperties>(`${this.collection}/${version}`, apiVersions.machineLearning);
  }

  private get collection(): string {
    return `${this.workspaceId}/models/${this.modelName}/versions`;
  }
}

function inRun({ trial }: Candidate, path: string): Promise<string> {
  return Promise.resolve(`azureml://jobs/${trial}/outputs/artifacts/${path}`);
}

function withoutUndefined(tags: object): Record<string, string> {
  return Object.fromEntries(
    Object.entries(tags as Record<string, string | undefined>).flatMap(([key, value]) =>
      value === undefined ? [] : [[key, value.length > longestTag ? `${value.slice(0, longestTag - 1)}…` : value]],
    ),
  );
}
