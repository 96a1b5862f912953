import type { FastifyInstance, FastifyRequest } from "fastify";
import type { ContainerClient } from "@azure/storage-blob";
import type { Cloud } from "../contracts";
import { invalid, missing } from "./errors";

interface ArtifactFile {
  /** Below the listed folder's root. */
  path: string;
  is_dir: boolean;
  file_size?: number;
}

const collection = "/mlflow-artifacts/artifacts";

/** Where the artifacts of a run lie in the workspace's artifact store. */
export function artifactFolder(runId: string): string {
  return `ExperimentRun/dcid.${runId}`;
}

/** The address by which any MLflow client reaches a run's artifacts, over MLflow's own artifact proxy. */
export function artifactUri(cloud: Cloud, workspaceId: string, runId: string): string {
  return `${cloud.url}/mlflow/v1.0${workspaceId}/api/2.0${collection}/${artifactFolder(runId)}`;
}

/** The address by which azureml-mlflow reaches a run's artifacts, over the workspace's run history. */
export function historyArtifactUri(cloud: Cloud, workspaceId: string, experiment: string, runId: string): string {
  const { host } = new URL(cloud.url);
  return `azureml://${host}/mlflow/v2.0${workspaceId}/experiments/${encodeURIComponent(experiment)}/runs/${runId}/artifacts`;
}

function artifactStore(cloud: Cloud, workspaceId: string): ContainerClient {
  const store = cloud.resources.get(`${workspaceId}/datastores/workspaceartifactstore`);
  if (!store) throw missing("The workspace has no workspaceartifactstore.");
  const { accountName, containerName } = store.properties;
  return cloud.container(String(accountName), String(containerName));
}

/** Files and folders directly in a folder; a file is the list of itself alone. */
export async function listArtifacts(
  cloud: Cloud,
  workspaceId: string,
  root: string,
  folder: string,
): Promise<ArtifactFile[]> {
  const prefix = [root, folder].filter(Boolean).join("/").replace(/\/*$/, "/");
  const files: ArtifactFile[] = [];
  for await (const item of artifactStore(cloud, workspaceId).listBlobsByHierarchy("/", { prefix })) {
    const path = item.name.slice(root.length).replace(/^\/|\/$/g, "");
    if (item.kind === "prefix") files.push({ path, is_dir: true });
    else files.push({ path, is_dir: false, file_size: item.properties.contentLength });
  }
  return files;
}

/** MLflow's artifact proxy: what a client does for `artifact_uri` of a run. */
export function artifactRoutes(
  server: FastifyInstance,
  cloud: Cloud,
  workspaceOf: (r: FastifyRequest) => string,
): void {
  // A file is taken as it comes, whatever it calls itself.
  server.removeAllContentTypeParsers();
  server.addContentTypeParser("*", { parseAs: "buffer" }, (_request, body, done) => done(null, body));
  const blobOf = (request: FastifyRequest) =>
    artifactStore(cloud, workspaceOf(request)).getBlockBlobClient(inRuns((request.params as { "*": string })["*"]));

  server.get(collection, async (request) => {
    const path = inRuns((request.query as { path?: string }).path ?? "");
    const files = await listArtifacts(cloud, workspaceOf(request), "", path);
    return { files: files.map((file) => ({ ...file, path: file.path.slice(path.length).replace(/^\//, "") })) };
  });
  server.get(`${collection}/*`, async (request, reply) => {
    const blob = blobOf(request);
    try {
      return await reply.type("application/octet-stream").send(await blob.downloadToBuffer());
    } catch (error) {
      if ((error as { statusCode?: number }).statusCode === 404) throw missing(`There is no artifact '${blob.name}'.`);
      throw error;
    }
  });
  server.put(`${collection}/*`, async (request) => {
    await blobOf(request).uploadData((request.body as Buffer | undefined) ?? Buffer.alloc(0));
    return {};
  });
  server.delete(`${collection}/*`, async (request) => {
    await blobOf(request).deleteIfExists();
    return {};
  });
}

/** Artifacts of runs alone are reached this way. */
function inRuns(path: string): string {
  const segments = path.split("/").filter(Boolean);
  const legal =
    segments[0] === "ExperimentRun" &&
    segments[1]?.startsWith("dcid.") &&
    !segments.some((part) => /^\.{1,2}$/.test(part));
  if (!legal) throw invalid(`'${path}' is no path of a run's artifacts.`);
  return segments.join("/");
}
