import { apiVersions, type ArmClient, type ArmResource } from "../azure/arm";
import { isFigure, type DataVersion } from "./candidates";
import { compareVersions, type VersionRecord } from "./versions";

export type ModelType = "custom_model" | "mlflow_model";

export interface ModelProperties {
  modelType: string;
  modelUri: string;
  jobName?: string;
  description?: string;
  tags?: Record<string, string>;
  isArchived?: boolean;
  [key: string]: unknown;
}

/** Tags of a model version that the promotion writes and reads. Values are text, so an absent one is never written. */
export interface ModelTags {
  champion: "true" | "false";
  job: string;
  best_child: string;
  model_name: string;
  data_version: string;
  data_asset?: string;
  metric: string;
  metric_value: string;
  git_commit: string;
  spec_hash: string;
  /** "pending" until a person approves it. */
  approval?: "pending" | "approved";
  /** ISO time of the last promotion. */
  promoted_at?: string;
  /** ISO time at which another version took its place. */
  demoted_at?: string;
  /** Why it was promoted, or what it waits for. */
  decision?: string;
  /** ARM id of the version of another stack that it is a copy of. */
  source_model?: string;
  /** That stack, as ORG/PROJECT/STACK. */
  source_stack?: string;
}

/** A version of the registered model, read once at the border. */
export interface ModelVersion extends VersionRecord {
  id: string;
  modelType: string;
  trial: string;
  value: number | null;
  data: DataVersion;
  tags: Partial<Record<keyof ModelTags, string>>;
  /** As the service answered it; a change of tags writes the rest back. */
  properties: ModelProperties;
}

export function readVersion({ id, name, properties }: ArmResource<ModelProperties>): ModelVersion {
  const tags: ModelVersion["tags"] = properties.tags ?? {};
  const value = tags.metric_value === undefined ? NaN : Number(tags.metric_value);
  return {
    id,
    version: name,
    archived: properties.isArchived === true,
    tagged: tags.champion === "true",
    promotedAt: tags.promoted_at,
    modelType: properties.modelType,
    trial: tags.best_child ?? "",
    value: isFigure(value) ? value : null,
    data: { asset: tags.data_asset, version: tags.data_version ?? "" },
    tags,
    properties,
  };
}

/** The versions of a registered model in numeric order, the archived ones among them; none when there is no such model. */
export async function listVersions(arm: ArmClient, workspaceId: string, modelName: string): Promise<ModelVersion[]> {
  const model = `${workspaceId}/models/${modelName}`;
  if (!(await arm.get(model, apiVersions.machineLearning))) return [];
  const found: ModelVersion[] = [];
  const pages = arm.pages<ModelProperties>(`${model}/versions`, apiVersions.machineLearning, { listViewType: "All" });
  for await (const page of pages) found.push(...page.map(readVersion));
  return found.sort((a, b) => compareVersions(a.version, b.version));
}
