import { isDeepStrictEqual } from "node:util";
import { ArmError, type Cloud, type PutRequest, type ResourceRecord, type TypeBehaviour } from "../contracts";
import { workspaceOf } from "../arm/ids";

const ml = "Microsoft.MachineLearningServices/workspaces";

/** Where a version's content is; it can never change. */
const contentProperties: Record<string, readonly string[]> = {
  data: ["dataUri", "dataType"],
  models: ["modelUri", "modelType"],
  environments: ["image", "condaFile"],
  codes: ["codeUri"],
};

const versionGaps: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  environments: { PUT: "a record: no image is built; deployments serve the detectors of the local trainer" },
  codes: { PUT: "a record: its code is not run" },
};

/** Data, models, environments and code: containers and their immutable versions. */
export const assetBehaviours: readonly TypeBehaviour[] = Object.keys(contentProperties).flatMap((collection) => [
  {
    type: `${ml}/${collection}`,
    view: (record: ResourceRecord, cloud: Cloud) => versionsOf(record, collection, cloud),
    listed: listedByView,
  },
  {
    type: `${ml}/${collection}/versions`,
    coverage: { gaps: versionGaps[collection] },
    check: (request: PutRequest, cloud: Cloud) => checkVersion(request, collection, cloud),
    properties: async (request: PutRequest, cloud: Cloud) => ({
      isAnonymous: false,
      isArchived: false,
      // Clients read its entries without asking whether there are any.
      ...(collection === "models" ? { flavors: {} } : {}),
      ...request.body.properties,
      ...(await placeOf(request, collection, cloud)),
    }),
    listed: listedByView,
  },
]);

const views = ["ActiveOnly", "ArchivedOnly", "All"];

/** @throws ArmError 400 for a view that there is not */
export function listedByView(record: ResourceRecord, query: Record<string, string>): boolean {
  const view = query.listViewType ?? "ActiveOnly";
  if (!views.includes(view))
    throw new ArmError(
      400,
      "InvalidQueryParameterValue",
      `The query parameter 'listViewType' is '${view}'; one of ${views.join(", ")} is wanted.`,
      "listViewType",
    );
  return view === "All" || (view === "ArchivedOnly") === (record.properties.isArchived === true);
}

function versionsOf(record: ResourceRecord, collection: string, cloud: Cloud): Record<string, unknown> {
  const versions = cloud.resources.list(record.id, `${ml}/${collection}/versions`);
  const numbers = versions.map(({ name }) => Number(name)).filter(Number.isInteger);
  return { latestVersion: latestVersion(versions)?.name, nextVersion: String(Math.max(0, ...numbers) + 1) };
}

/** The version that was made last. */
export function latestVersion(versions: readonly ResourceRecord[]): ResourceRecord | undefined {
  return [...versions]
    .sort((a, b) => (String(a.systemData?.createdAt) < String(b.systemData?.createdAt) ? -1 : 1))
    .at(-1);
}

/** @throws ArmError 400 */
export function checkVersionName(name: string): void {
  if (/^[\w.-]{1,64}$/.test(name)) return;
  throw new ArmError(
    400,
    "ValidationError",
    `'${name}' is no valid version: 1 to 64 letters, digits, '_', '-', '.'.`,
    "version",
  );
}

function checkVersion({ id, body, existing, name }: PutRequest, collection: string, cloud: Cloud): void {
  checkVersionName(name);
  if (collection === "data") checkDataType(id, body, cloud);
  if (!existing) return;
  for (const key of contentProperties[collection] ?? []) {
    const [before, given] = [existing.properties[key], body.properties?.[key]];
    // Places are answered in full, whatever form they were given in.
    const after = typeof given === "string" && key.endsWith("Uri") ? resolvedUri(given, existing.id, cloud) : given;
    if (!isDeepStrictEqual(before, given) && !isDeepStrictEqual(before, after)) {
      throw new ArmError(
        409,
        "UserError",
        `A version's ${key} cannot be changed: it is '${String(before)}'. Register another version.`,
        `properties.${key}`,
      );
    }
  }
}

/** All versions of a data asset are of one type: https://learn.microsoft.com/azure/machine-learning/concept-data */
function checkDataType(id: string, body: PutRequest["body"], cloud: Cloud): void {
  const container = cloud.resources.get(id.split("/").slice(0, -2).join("/"));
  const { dataType: wanted } = container?.properties ?? {};
  const given = body.properties?.dataType;
  if (wanted === undefined || given === wanted) return;
  throw new ArmError(
    400,
    "UserError",
    `The versions of the data asset '${container?.name}' are of type '${textOf(wanted)}', not '${textOf(given)}'. Take another name.`,
    "properties.dataType",
  );
}

/** The place of a model's file or folder, which must exist. */
async function modelUri({ body, id }: PutRequest, cloud: Cloud): Promise<string> {
  const given = textOf(body.properties?.modelUri);
  const uri = resolvedUri(given, id, cloud);
  const place = locate(uri, cloud);
  if (!place) {
    throw new ArmError(
      400,
      "UserError",
      `The modelUri '${given}' is no azureml:// path that this workspace knows.`,
      "properties.modelUri",
    );
  }
  const blobs = cloud
    .container(place.account, place.container)
    .listBlobsFlat({ prefix: place.path })
    .byPage({ maxPageSize: 1 });
  const page = await blobs.next();
  if (page.done || page.value.segment.blobItems.length === 0) {
    throw new ArmError(400, "UserError", `The asset path '${given}' does not exist.`, "properties.modelUri");
  }
  return uri;
}

/** The place of a version's content in the form in which it is answered. */
async function placeOf(request: PutRequest, collection: string, cloud: Cloud): Promise<Record<string, string>> {
  if (collection === "models") return { modelUri: await modelUri(request, cloud) };
  const key = { data: "dataUri", codes: "codeUri" }[collection];
  const given = key === undefined ? undefined : request.body.properties?.[key];
  return key !== undefined && typeof given === "string" ? { [key]: resolvedUri(given, request.id, cloud) } : {};
}

/** The full form of the short addresses of a workspace's datastores and of its runs' artifacts. */
export function resolvedUri(uri: string, id: string, cloud: Cloud): string {
  const [, , subscription, , group, , , , workspace] = workspaceOf(id).split("/");
  const datastores = `azureml://subscriptions/${subscription ?? cloud.subscriptionId}/resourcegroups/${group}/workspaces/${workspace}/datastores`;
  const [, run, path] = /^azureml:\/\/jobs\/([^/]+)\/outputs\/artifacts\/(?:paths\/)?(.+?)\/?$/.exec(uri) ?? [];
  if (run) return `${datastores}/workspaceartifactstore/paths/ExperimentRun/dcid.${run}/${path}`;
  return uri.replace(/^azureml:\/\/datastores(?=\/[^/]+\/paths\/)/, datastores);
}

/** Account, container and path of a datastore URI. */
export function locate(uri: string, cloud: Cloud): { account: string; container: string; path: string } | undefined {
  const match =
    /^azureml:\/\/subscriptions\/([^/]+)\/resource[gG]roups\/([^/]+)(?:\/providers\/Microsoft\.MachineLearningServices)?\/workspaces\/([^/]+)\/datastores\/([^/]+)\/paths\/(.*)$/.exec(
      uri,
    );
  if (!match) return undefined;
  const [, subscription, group, workspace, datastore, path = ""] = match;
  const record = cloud.resources.get(
    `/subscriptions/${subscription}/resourceGroups/${group}/providers/Microsoft.MachineLearningServices/workspaces/${workspace}/datastores/${datastore}`,
  );
  if (!record) return undefined;
  return { account: String(record.properties.accountName), container: String(record.properties.containerName), path };
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}
