import type { Cloud } from "../contracts";
import { locate } from "../services/assets";
import { artifactFolder } from "./artifacts";
import { invalid, missing } from "./errors";

/** Forms in which clients name an artifact of a run. */
const runSources = [
  /^runs:\/\/?([^/]+)\/(.+)$/,
  /^azureml:\/\/jobs\/([^/]+)\/outputs\/artifacts\/(?:paths\/)?(.+)$/,
  /^azureml:\/\/.*\/runs\/([^/]+)\/artifacts\/(.+)$/,
  /\/ExperimentRun\/dcid\.([^/]+)\/(.+)$/,
];

export interface ModelSource {
  /** Where Azure ML keeps it: a path of a datastore. */
  modelUri: string;
  modelType: "mlflow_model" | "custom_model";
  run?: string;
}

/** Where the content of a new version is. @throws MlflowError when there is nothing */
export async function modelSource(cloud: Cloud, workspaceId: string, source: string): Promise<ModelSource> {
  const match = runSources.map((form) => form.exec(source)).find(Boolean);
  const [, run, path = ""] = match ?? [];
  const modelUri = (run ? artifactStoreUri(workspaceId, `${artifactFolder(run)}/${path}`) : source).replace(/\/$/, "");
  const place = locate(modelUri, cloud);
  if (!place)
    throw invalid(`The source '${source}' is no artifact of a run and no path of a datastore of the workspace.`);
  const container = cloud.container(place.account, place.container);
  const isMlflow = await container.getBlobClient(`${place.path}/MLmodel`).exists();
  const isThere = isMlflow || !(await container.listBlobsFlat({ prefix: place.path }).next()).done;
  if (!isThere) throw missing(`The asset path '${source}' does not exist.`);
  return { modelUri, modelType: isMlflow ? "mlflow_model" : "custom_model", run };
}

/** The run and the path of an artifact that a model's URI names. */
export function artifactOf(modelUri: string): { run: string; path: string } | undefined {
  const [, run, path] = /\/ExperimentRun\/dcid\.([^/]+)\/(.+?)\/?$/.exec(modelUri) ?? [];
  return run && path ? { run, path } : undefined;
}

function artifactStoreUri(workspaceId: string, path: string): string {
  const [, , subscription, , group, , , , workspace] = workspaceId.split("/");
  return `azureml://subscriptions/${subscription}/resourcegroups/${group}/workspaces/${workspace}/datastores/workspaceartifactstore/paths/${path}`;
}
