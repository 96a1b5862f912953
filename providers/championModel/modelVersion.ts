import { primaryMetric } from "../../lib/azure/jobs";
import { pastChampions, type ModelVersion } from "../../lib/promotion";
import type { ChampionRecord, PastChampion } from "./resource";

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
