import { apiVersions, type ArmClient, type ArmResource } from "../../lib/azure/arm";
import { TrackingClient } from "../../lib/azure/mlflow";
import { compareVersions, type Candidate } from "../../lib/promotion";
import type { ChampionRecord } from "./resource";

export const primaryMetric = "mean_average_precision";
const artifact = "outputs/model.pt";
const championTag = "champion";

interface ModelProperties {
  modelType: string;
  modelUri: string;
  jobName?: string;
  description?: string;
  tags?: Record<string, string>;
  isArchived?: boolean;
  [key: string]: unknown;
}

type ModelVersion = ArmResource<ModelProperties>;

/**
 * The versions of one registered model. The champion is the version tagged `champion: "true"`; a promotion tags the new
 * one first and takes the tag from the others afterwards, so after a crash in between there are two for a moment, the
 * later of which counts, and never none.
 */
export class ModelRegistry {
  constructor(
    private readonly arm: ArmClient,
    private readonly workspaceId: string,
    private readonly modelName: string,
  ) {}

  async champion(): Promise<ChampionRecord | undefined> {
    const champion = (await this.versions()).filter(isChampion).at(-1);
    return champion && this.record(champion);
  }

  /** Registers the trial's model, or finds the version that was registered from it before, and makes it the only champion. */
  async promote(candidate: Candidate, dataVersion: string): Promise<ChampionRecord> {
    const versions = await this.versions();
    const existing = versions.find(({ properties }) => properties.tags?.best_child === candidate.trial);
    const name =
      existing?.name ?? String(1 + Math.max(0, ...versions.map(({ name: version }) => Number(version) || 0)));
    const run = await (await TrackingClient.connect(this.arm, this.workspaceId)).run(candidate.trial);
    const properties: ModelProperties = {
      modelType: "custom_model",
      modelUri: `azureml://jobs/${candidate.trial}/outputs/artifacts/${artifact}`,
      jobName: candidate.trial,
      description: `Best child run of ${candidate.job}`,
      isArchived: false,
      tags: {
        [championTag]: "true",
        job: candidate.job,
        best_child: candidate.trial,
        model_name: run?.tags.model_name ?? run?.params.model_name ?? "unknown",
        data_version: dataVersion,
        metric: primaryMetric,
        metric_value: String(candidate.metric),
        promoted_at: existing?.properties.tags?.promoted_at ?? new Date().toISOString(),
      },
    };
    // The service answers the URI in its own form; content cannot change, so an existing version keeps what it has.
    const body = existing ? { ...existing.properties, tags: properties.tags, isArchived: false } : properties;
    const registered = await this.put(name, body);
    await this.takeTagFrom(versions.filter((version) => version.name !== name));
    return this.record(registered);
  }

  /** Repairs what a crash between two writes may have left: the given champion is the only one afterwards. */
  async demoteOthers(champion: ChampionRecord): Promise<ChampionRecord> {
    await this.takeTagFrom((await this.versions()).filter(({ name }) => name !== champion.version));
    return champion;
  }

  private async takeTagFrom(versions: readonly ModelVersion[]): Promise<void> {
    for (const { name, properties } of versions.filter(isChampion)) {
      await this.put(name, { ...properties, tags: { ...properties.tags, [championTag]: "false" } });
    }
  }

  private put(version: string, properties: ModelProperties): Promise<ModelVersion> {
    return this.arm.put<ModelProperties>(`${this.collection}/${version}`, apiVersions.machineLearning, { properties });
  }

  private async versions(): Promise<ModelVersion[]> {
    const container = await this.arm.get(`${this.workspaceId}/models/${this.modelName}`, apiVersions.machineLearning);
    if (!container) return [];
    const found: ModelVersion[] = [];
    for await (const version of this.arm.list<ModelProperties>(this.collection, apiVersions.machineLearning))
      found.push(version);
    return found.sort((a, b) => compareVersions(a.name, b.name));
  }

  private get collection(): string {
    return `${this.workspaceId}/models/${this.modelName}/versions`;
  }

  private record({ id, name, properties: { tags = {} } }: ModelVersion): ChampionRecord {
    return {
      model: this.modelName,
      version: name,
      id,
      metric: tags.metric ?? primaryMetric,
      value: Number(tags.metric_value),
      job: tags.job ?? "",
      bestChild: tags.best_child ?? "",
      architecture: tags.model_name ?? "",
      dataVersion: tags.data_version ?? "",
      promotedAt: tags.promoted_at ?? "",
    };
  }
}

function isChampion({ properties }: ModelVersion): boolean {
  return properties.tags?.[championTag] === "true" && properties.isArchived !== true;
}
