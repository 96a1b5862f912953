import type { FastifyInstance, FastifyRequest } from "fastify";
import type { Cloud, ResourceRecord } from "../contracts";
import { artifactUri } from "./artifacts";
import { invalid, missing, MlflowError } from "./errors";
import { ModelRegistry, type VersionProperties } from "./models";
import { artifactOf, modelSource } from "./modelSource";
import { checkedPairs, limits, list, optional, page, text, type Body } from "./requests";
import { latestOfStages, stageOf, tagsOf, wireModel, wireVersion } from "./registryAnswers";
import { versionMatches } from "./versionFilter";

const stages = ["None", "Staging", "Production", "Archived"];

type Handler = (registry: ModelRegistry, body: Body, workspaceId: string) => unknown;
type Method = "GET" | "POST" | "PATCH" | "DELETE";

/**
 * MLflow's model registry, as far as Azure ML has it: no renaming and no deletion of whole models.
 * @see https://learn.microsoft.com/azure/machine-learning/how-to-manage-models-mlflow
 */
export function registryRoutes(
  server: FastifyInstance,
  cloud: Cloud,
  read: (request: FastifyRequest) => [workspaceId: string, body: Body],
): void {
  const route = (method: Method | Method[], url: string, handle: Handler) =>
    server.route({
      method,
      url,
      handler: async (request) => {
        const [workspaceId, body] = read(request);
        return handle(new ModelRegistry(cloud, workspaceId), body, workspaceId);
      },
    });
  modelRoutes(route);
  versionRoutes(route, cloud);
}

function modelRoutes(route: (method: Method | Method[], url: string, handle: Handler) => void): void {
  const answer = (registry: ModelRegistry, model: ResourceRecord) => ({ registered_model: wireModel(registry, model) });
  route("POST", "/registered-models/create", async (registry, body) =>
    answer(
      registry,
      await registry.create(text(body, "name"), {
        description: optional(body.description),
        tags: checkedPairs(body.tags, limits.tagValue),
      }),
    ),
  );
  route("GET", "/registered-models/get", (registry, body) => answer(registry, registry.model(text(body, "name"))));
  route("PATCH", "/registered-models/update", async (registry, body) => {
    const description = optional(body.description);
    return answer(registry, await registry.change(registry.model(text(body, "name")), () => ({ description })));
  });
  route("POST", "/registered-models/rename", () => {
    throw new MlflowError(400, "BAD_REQUEST", "Renaming models is not supported by Azure Machine Learning.");
  });
  route("DELETE", "/registered-models/delete", () => {
    throw new MlflowError(400, "BAD_REQUEST", "Deleting a whole model is not supported by Azure Machine Learning.");
  });
  route(["GET", "POST"], "/registered-models/search", (registry, body) => {
    const filter = optional(body.filter) ?? "";
    const found = registry
      .models()
      .filter((model) => versionMatches(filter, { name: model.name, tags: tagsOf(model) }));
    const { items, next } = page(found, body);
    return { registered_models: items.map((model) => wireModel(registry, model)), ...next };
  });
  route(["GET", "POST"], "/registered-models/get-latest-versions", (registry, body) => {
    const model = registry.model(text(body, "name"));
    const wanted = list(body.stages).map(String);
    const latest = latestOfStages(registry.versions(model.name));
    const chosen = latest.filter((version) => wanted.length === 0 || wanted.includes(stageOf(version)));
    return { model_versions: chosen.map((version) => wireVersion(registry, model, version)) };
  });
  route("POST", "/registered-models/set-tag", async (registry, body) => {
    await registry.change(registry.model(text(body, "name")), withTags(checkedPairs([body], limits.tagValue)));
    return {};
  });
  route("DELETE", "/registered-models/delete-tag", async (registry, body) => {
    await registry.change(registry.model(text(body, "name")), withoutTag(text(body, "key")));
    return {};
  });
  route("POST", "/registered-models/alias", async (registry, body) => {
    const { name } = registry.version(text(body, "name"), text(body, "version"));
    await registry.setAlias(text(body, "name"), text(body, "alias"), name);
    return {};
  });
  route("DELETE", "/registered-models/alias", async (registry, body) => {
    await registry.setAlias(text(body, "name"), text(body, "alias"), undefined);
    return {};
  });
  route("GET", "/registered-models/alias", (registry, body) => {
    const model = registry.model(text(body, "name"));
    const found = registry.aliases(model).find(({ alias }) => alias === body.alias);
    if (!found) throw invalid(`Registered model alias ${String(body.alias)} not found.`);
    return { model_version: wireVersion(registry, model, registry.version(model.name, found.version)) };
  });
}

function versionRoutes(route: (method: Method | Method[], url: string, handle: Handler) => void, cloud: Cloud): void {
  const named = (registry: ModelRegistry, body: Body) => registry.version(text(body, "name"), String(body.version));
  const answer = (registry: ModelRegistry, body: Body, version: ResourceRecord) => ({
    model_version: wireVersion(registry, registry.model(text(body, "name")), version),
  });
  route("POST", "/model-versions/create", async (registry, body, workspaceId) => {
    const model = registry.model(text(body, "name"));
    const { modelUri, modelType, run } = await modelSource(cloud, workspaceId, text(body, "source"));
    const version = await registry.createVersion(model.name, {
      modelUri,
      modelType,
      jobName: optional(body.run_id) || run,
      description: optional(body.description),
      tags: checkedPairs(body.tags, limits.tagValue),
    });
    return answer(registry, body, version);
  });
  route("GET", "/model-versions/get", (registry, body) => answer(registry, body, named(registry, body)));
  route("PATCH", "/model-versions/update", async (registry, body) => {
    const description = optional(body.description);
    return answer(registry, body, await registry.change(named(registry, body), () => ({ description })));
  });
  route("DELETE", "/model-versions/delete", async (registry, body) => {
    await registry.remove(named(registry, body));
    return {};
  });
  route("POST", "/model-versions/transition-stage", async (registry, body) => {
    const stage = stages.find((known) => known.toLowerCase() === text(body, "stage").toLowerCase());
    if (!stage)
      throw invalid(`Invalid Model Version stage: ${String(body.stage)}. Value must be one of ${stages.join(", ")}.`);
    const version = named(registry, body);
    if (String(body.archive_existing_versions) === "true") {
      for (const other of registry.versions(text(body, "name")))
        if (other.id !== version.id && stageOf(other) === stage)
          await registry.change(other, () => ({ stage: "Archived" }));
    }
    return answer(registry, body, await registry.change(version, () => ({ stage })));
  });
  route("GET", "/model-versions/get-download-uri", (registry, body, workspaceId) => {
    const { modelUri = "" } = named(registry, body).properties as VersionProperties;
    const artifact = artifactOf(modelUri);
    const uri = artifact ? `${artifactUri(cloud, workspaceId, artifact.run)}/${artifact.path}` : modelUri;
    return { artifact_uri: uri };
  });
  route(["GET", "POST"], "/model-versions/search", (registry, body) => {
    const filter = optional(body.filter) ?? "";
    const found = registry.models().flatMap((model) =>
      registry
        .versions(model.name)
        .filter((version) =>
          versionMatches(filter, {
            name: model.name,
            run_id: (version.properties as VersionProperties).jobName ?? "",
            version_number: version.name,
            tags: tagsOf(version),
          }),
        )
        .map((version) => wireVersion(registry, model, version)),
    );
    const { items, next } = page(found, body);
    return { model_versions: items, ...next };
  });
  route("POST", "/model-versions/set-tag", async (registry, body) => {
    await registry.change(named(registry, body), withTags(checkedPairs([body], limits.tagValue)));
    return {};
  });
  route("DELETE", "/model-versions/delete-tag", async (registry, body) => {
    const version = named(registry, body);
    if (!Object.hasOwn(tagsOf(version), text(body, "key"))) throw missing(`There is no tag '${String(body.key)}'.`);
    await registry.change(version, withoutTag(text(body, "key")));
    return {};
  });
}

function withTags(more: Record<string, string>) {
  return ({ tags = {} }: VersionProperties) => ({ tags: { ...tags, ...more } });
}

function withoutTag(key: string) {
  return ({ tags = {} }: VersionProperties) => ({
    tags: Object.fromEntries(Object.entries(tags).filter(([name]) => name !== key)),
  });
}
