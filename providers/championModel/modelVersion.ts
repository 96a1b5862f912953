import type { ArmResource } from "../../lib/azure/arm";
import { primaryMetric } from "../../lib/azure/jobs";
import { isFigure, pastChampions, type DataVersion, type VersionRecord } from "../../lib/promotion";
import type { ChampionRecord, PastChampion } from "./resource";

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

export function championRecord(
  model: string,
  { id, version, modelType, trial, value, data, tags }: ModelVersion,
): ChampionRecord {
  return {
    model,
    version,
    id,
    modelType,
    metric: tags.metric ?? primaryMetric,
    value: value ?? 0,
    job: tags.job ?? "",
    bestChild: trial,
    architecture: tags.model_name ?? "",
    dataVersion: data.version,
    promotedAt: tags.promoted_at ?? "",
    gitCommit: tags.git_commit ?? "unknown",
    specHash: tags.spec_hash ?? "unknown",
  };
}

/** Past champions that the outputs keep; the workspace has all of them. */
const mostPast = 50;

/**
 * The champions before the current one. The workspace's versions tell them; those that were deleted there are known from
 * what the state has.
 */
export function historyOf(
  versions: readonly ModelVersion[],
  current: string,
  known: { champion: ChampionRecord; history: readonly PastChampion[] } | undefined,
): PastChampion[] {
  const present = new Set(versions.map(({ version }) => version));
  const before = known ? [fromRecord(known.champion), ...known.history] : [];
  const deleted = before
    .filter(({ version }) => !present.has(version))
    .map((past): PastChampion => ({ ...past, state: "deleted" }));
  return [...pastChampions(versions, current).map(pastChampion), ...deleted]
    .sort((a, b) => (Date.parse(b.promotedAt) || 0) - (Date.parse(a.promotedAt) || 0))
    .slice(0, mostPast);
}

function pastChampion({ version, value, data, trial, archived, tags }: ModelVersion): PastChampion {
  return {
    version,
    metric: tags.metric ?? primaryMetric,
    value,
    job: tags.job ?? "",
    bestChild: trial,
    dataVersion: data.version,
    promotedAt: tags.promoted_at ?? "",
    demotedAt: tags.demoted_at ?? null,
    state: archived ? "archived" : "available",
  };
}

function fromRecord({ version, metric, value, job, bestChild, dataVersion, promotedAt }: ChampionRecord): PastChampion {
  return { version, metric, value, job, bestChild, dataVersion, promotedAt, demotedAt: null, state: "deleted" };
}
