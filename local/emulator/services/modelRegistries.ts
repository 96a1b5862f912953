import { ArmError, type ActionAnswer, type Cloud, type PutRequest, type ResourceRecord } from "../contracts";
import type { TypeBehaviour } from "../contracts";
import { apiVersionsOf } from "../arm/apiVersions";
import type { ScopeOperation, ScopeRequest } from "../arm/scopeOperation";
import { guidOf } from "../guid";
import { isMap } from "../../maps";
import { checkVersionName, latestVersion, listedByView } from "./assets";

const ml = "Microsoft.MachineLearningServices";
const registryType = `${ml}/registries`;
const modelType = `${registryType}/models`;
const versionType = `${modelType}/versions`;
const apiVersions = apiVersionsOf(versionType, "2025-12-01");

/** The account behind a registry, which Azure keeps from everybody: what it holds is reached by signed addresses alone. */
function accountOf(registryId: string): string {
  return `mlr${guidOf(registryId, "storage").replaceAll("-", "").slice(0, 20)}`;
}

/** Each version has a container of its own. */
function containerOf(versionId: string): string {
  return guidOf(versionId, "content");
}

function registryOf(id: string): string {
  return id.split("/").slice(0, 9).join("/");
}

function placeOf(versionId: string, cloud: Cloud) {
  const [account, container] = [accountOf(registryOf(versionId)), containerOf(versionId)];
  return { account, container, url: `${cloud.blobUrl}/${account}/${container}` };
}

/** Registries of Azure ML, which share models between workspaces, and the models in them. */
export const modelRegistryBehaviours: readonly TypeBehaviour[] = [
  {
    type: registryType,
    coverage: {
      gaps: { PUT: "models alone; one region, no container registry, no private endpoints, no address of discovery" },
      refused: { "POST removeRegions": "" },
    },
    check({ name, body, existing }, cloud) {
      if (!/^[a-zA-Z0-9][\w-]{1,31}[a-zA-Z0-9]$/.test(name))
        throw new ArmError(
          400,
          "ValidationError",
          `'${name}' is no valid registry name: 3 to 33 letters, digits, '_' and '-', with a letter or digit at both ends.`,
        );
      const regions = body.properties?.regionDetails;
      if (!Array.isArray(regions) || regions.length === 0)
        throw new ArmError(400, "ValidationError", "A registry needs a region.", "properties.regionDetails");
      const taken = cloud.resources
        .listAll(registryType)
        .some((other) => other.name.toLowerCase() === name.toLowerCase() && other.id !== existing?.id);
      if (taken) throw new ArmError(409, "Conflict", `The registry name '${name}' is taken in this tenant.`);
    },
    properties: ({ id, body, name }, { location, subscriptionId }) => ({
      publicNetworkAccess: "Enabled",
      ...body.properties,
      managedResourceGroup: {
        resourceId: `/subscriptions/${subscriptionId}/resourceGroups/azureml-rg-${name}_${guidOf(id, "group")}`,
      },
      mlFlowRegistryUri: `azureml://${location}.api.azureml.ms/mlflow/v1.0${id}`,
    }),
    provision: ({ id }, cloud) => cloud.addStorageAccount(accountOf(id)),
    removed: ({ id }, cloud) => cloud.removeStorageAccount(accountOf(id)),
  },
  {
    type: modelType,
    view({ id }, { resources }) {
      return { latestVersion: latestVersion(resources.list(id, versionType))?.name };
    },
  },
  {
    type: versionType,
    coverage: { refused: { "POST package": "" } },
    check: checkVersion,
    properties: ({ body }) => ({ isAnonymous: false, isArchived: false, flavors: {}, ...body.properties }),
    provision: async () => {},
    listed: listedByView,
  },
];

async function checkVersion({ id, name, body, existing }: PutRequest, cloud: Cloud): Promise<void> {
  checkVersionName(name);
  const given = body.properties ?? {};
  for (const key of ["modelUri", "modelType"]) {
    if (existing && existing.properties[key] !== given[key])
      throw new ArmError(
        409,
        "UserError",
        `A version's ${key} cannot be changed: it is '${String(existing.properties[key])}'. Register another version.`,
        `properties.${key}`,
      );
  }
  const { account, container, url } = placeOf(id, cloud);
  const uri = String(given.modelUri);
  const prefix = uri.slice(url.length + 1);
  if (!uri.startsWith(`${url}/`) || !(await isThere(account, container, prefix, cloud)))
    throw new ArmError(
      400,
      "UserError",
      `The modelUri '${uri}' is nothing that was uploaded for this version. Ask startPendingUpload where to.`,
      "properties.modelUri",
    );
}

async function isThere(account: string, container: string, prefix: string, cloud: Cloud): Promise<boolean> {
  const client = cloud.container(account, container);
  if (!(await client.exists())) return false;
  const page = await client
    .listBlobsFlat({ prefix: decodeURI(prefix) })
    .byPage({ maxPageSize: 1 })
    .next();
  return !page.done && page.value.segment.blobItems.length > 0;
}

const registryPath = `/subscriptions/{subscription}/resourceGroups/{group}/providers/${registryType}/{registry}`;

/** Where a model's files are uploaded to before there is a version, and where they are read from. */
export function modelRegistryOperations(cloud: Cloud): ScopeOperation[] {
  return [
    {
      method: "POST",
      path: `${registryPath}/models/{model}/versions/{version}/startPendingUpload`,
      apiVersions,
      permission: `${registryType}/assets/write`,
      scope: registryPath,
      gap: "the address is good for an hour",
      answer: (request) => startUpload(request, cloud),
    },
    {
      method: "POST",
      path: `${registryPath}/datareferences/{model}/versions/{version}`,
      apiVersions,
      permission: `${registryType}/assets/read`,
      scope: registryPath,
      gap: "of models; the address is good for an hour",
      answer: (request) => readingAddress(request, cloud),
    },
  ];
}

async function startUpload({ params, body }: ScopeRequest, cloud: Cloud): Promise<ActionAnswer> {
  const { version = "" } = params;
  checkVersionName(version);
  const id = versionId(params, cloud);
  const { pendingUploadId, pendingUploadType = "None" } = checked(body, ["pendingUploadId", "pendingUploadType"]);
  if (pendingUploadType !== "None" && pendingUploadType !== "TemporaryBlobReference")
    throw invalid("pendingUploadType", `'${String(pendingUploadType)}' is neither None nor TemporaryBlobReference.`);
  if (cloud.resources.get(id)) throw new ArmError(409, "Conflict", `Version ${version} is there already.`);
  const { account, container } = placeOf(id, cloud);
  await cloud.container(account, container).createIfNotExists();
  return {
    status: 200,
    body: {
      blobReferenceForConsumption: await reference(id, "rcwl", cloud),
      pendingUploadId: pendingUploadId ?? guidOf(id, "upload"),
      pendingUploadType,
    },
  };
}

async function readingAddress({ params, body }: ScopeRequest, cloud: Cloud): Promise<ActionAnswer> {
  const id = versionId(params, cloud);
  const { registry, model, version } = params;
  const { assetId, blobUri } = checked(body, ["assetId", "blobUri"]);
  if (assetId !== `azureml://registries/${registry}/models/${model}/versions/${version}`)
    throw invalid("assetId", `'${String(assetId)}' is not the asset that the address names.`);
  const found = cloud.resources.get(id);
  if (!found) throw new ArmError(404, "NotFound", `The model ${model} has no version ${version} in ${registry}.`);
  if (blobUri !== found.properties.modelUri) throw invalid("blobUri", `'${String(blobUri)}' is not its modelUri.`);
  return { status: 200, body: { blobReferenceForConsumption: await reference(id, "rl", cloud) } };
}

async function reference(id: string, rights: "rl" | "rcwl", cloud: Cloud) {
  const { account, container, url } = placeOf(id, cloud);
  const sasUri = await cloud.signedContainerUrl(account, container, rights);
  return { blobUri: url, storageAccountArmId: account, credential: { credentialType: "SAS", sasUri } };
}

/** @throws ArmError 404 without the registry */
function versionId({ subscription, group, registry, model, version }: Record<string, string>, cloud: Cloud): string {
  const id = `/subscriptions/${subscription}/resourceGroups/${group}/providers/${registryType}/${registry}`;
  const found: ResourceRecord | undefined = cloud.resources.get(id);
  if (!found) throw new ArmError(404, "ResourceNotFound", `The Resource '${id}' was not found.`);
  return `${found.id}/models/${model}/versions/${version}`;
}

function checked(body: unknown, allowed: readonly string[]): Record<string, unknown> {
  if (!isMap(body)) throw new ArmError(400, "ValidationError", "The request needs a body.");
  const unknown = Object.keys(body).find((key) => !allowed.includes(key));
  if (unknown !== undefined) throw invalid(unknown, `Could not find member '${unknown}' on the request.`);
  return body;
}

function invalid(target: string, message: string): ArmError {
  return new ArmError(400, "ValidationError", message, target);
}
