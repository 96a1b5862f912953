import type { ResourceRecord } from "../contracts";
import type { ModelRegistry, VersionProperties } from "./models";
import { pairs } from "./requests";

export function tagsOf({ properties }: ResourceRecord): Record<string, string> {
  return (properties as VersionProperties).tags ?? {};
}

export function stageOf({ properties }: ResourceRecord): string {
  return (properties as VersionProperties).stage ?? "None";
}

/** The newest version of each stage. */
export function latestOfStages(versions: readonly ResourceRecord[]): ResourceRecord[] {
  const byNumber = [...versions].sort((a, b) => Number(a.name) - Number(b.name));
  return [...new Map(byNumber.map((version) => [stageOf(version), version])).values()];
}

function timesOf({ systemData }: ResourceRecord) {
  return {
    creation_timestamp: Date.parse(String(systemData?.createdAt)) || 0,
    last_updated_timestamp: Date.parse(String(systemData?.lastModifiedAt)) || 0,
  };
}

export function wireModel(registry: ModelRegistry, model: ResourceRecord): object {
  return {
    name: model.name,
    ...timesOf(model),
    description: (model.properties as VersionProperties).description ?? "",
    tags: pairs(tagsOf(model)),
    aliases: registry.aliases(model),
    latest_versions: latestOfStages(registry.versions(model.name)).map((version) =>
      wireVersion(registry, model, version),
    ),
  };
}

export function wireVersion(registry: ModelRegistry, model: ResourceRecord, version: ResourceRecord): object {
  const { description = "", modelUri, jobName } = version.properties as VersionProperties;
  return {
    name: model.name,
    version: version.name,
    ...timesOf(version),
    current_stage: stageOf(version),
    description,
    source: modelUri,
    run_id: jobName ?? "",
    status: "READY",
    tags: pairs(tagsOf(version)),
    aliases: registry
      .aliases(model)
      .filter((alias) => alias.version === version.name)
      .map(({ alias }) => alias),
  };
}
