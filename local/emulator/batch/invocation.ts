import { ArmError, type Cloud } from "../contracts";
import { workspaceOf } from "../arm/ids";
import { locate, resolvedUri } from "../services/assets";

/** A place in a blob container of this cloud. */
export interface BlobPlace {
  account: string;
  container: string;
  path: string;
}

/** What a request to a batch endpoint asks for. */
export interface Invocation {
  input: { name: string; type: "uri_folder" | "uri_file"; uri: string; place: BlobPlace };
  output: { name: string; uri: string };
}

type Loose = Record<string, unknown>;

/**
 * Reads the body of a request: one input of data and at most one output, as model deployments have. Clients write the names
 * with capitals, as in the documentation, or without, as azure-ai-ml does.
 * https://learn.microsoft.com/azure/machine-learning/how-to-access-data-batch-endpoints-jobs
 * @throws ArmError
 */
export function readInvocation(body: unknown, endpointId: string, jobName: string, cloud: Cloud): Invocation {
  const { properties } = lowered(body) as { properties?: Loose };
  const { inputData, outputData } = lowered(properties);
  const [first, ...others] = Object.entries((inputData ?? {}) as Loose);
  if (!first || others.length > 0)
    throw refused("properties.InputData", "A model deployment takes exactly one input of data.");
  const [name, given] = first;
  const { jobInputType, uri } = lowered(given);
  const type = { urifolder: "uri_folder", uri_folder: "uri_folder", urifile: "uri_file", uri_file: "uri_file" }[
    String(jobInputType).toLowerCase()
  ] as Invocation["input"]["type"] | undefined;
  const target = `properties.InputData.${name}`;
  if (!type)
    throw refused(
      `${target}.JobInputType`,
      `'${String(jobInputType)}' is no input of a model deployment; UriFolder or UriFile is wanted.`,
    );
  const outputs = Object.entries((outputData ?? {}) as Loose) as [string, Loose][];
  if (outputs.length > 1) throw refused("properties.OutputData", "A model deployment has one output.");
  const [outputName = "score", output] = outputs[0] ?? [];
  const { uri: asked } = lowered(output);
  const wanted =
    typeof asked === "string" ? asked : `azureml://datastores/workspaceblobstore/paths/azureml/${jobName}/score/`;
  const outputUri = longForm(wanted, endpointId, cloud);
  if (!locate(outputUri, cloud))
    throw refused(
      `properties.OutputData.${outputName}.Uri`,
      `'${wanted}' is no path of a blob datastore of the workspace, such as azureml://datastores/workspaceblobstore/paths/FOLDER.`,
    );
  return {
    input: { name, type, uri: String(uri), place: placeOf(String(uri), endpointId, `${target}.Uri`, cloud) },
    output: { name: outputName, uri: outputUri },
  };
}

/** A data asset's id, a path of a datastore in one of its forms, or the address of a blob. */
function placeOf(uri: string, endpointId: string, target: string, cloud: Cloud): BlobPlace {
  const asset = /\/data\/[^/]+\/versions\/[^/]+$/i.test(uri)
    ? cloud.resources.get(uri.replace(/^azureml:(?=\/)/, ""))
    : undefined;
  if (asset?.properties.dataType === "mltable")
    throw refused(
      target,
      `Data asset '${asset.name}' is an mltable, which batch endpoints do not take; uri_folder or uri_file is wanted.`,
    );
  const address = asset ? String(asset.properties.dataUri) : uri;
  const found = locate(longForm(address, endpointId, cloud), cloud) ?? blobAddress(address, cloud);
  if (found) return found;
  throw refused(target, `'${uri}' is no data asset, path of a datastore or blob that this workspace knows.`);
}

function blobAddress(uri: string, { blobUrl, resources }: Cloud): BlobPlace | undefined {
  if (!uri.startsWith(`${blobUrl}/`)) return undefined;
  const [account = "", container = "", ...path] = uri.slice(blobUrl.length + 1).split("/");
  const isThere = resources.listAll("Microsoft.Storage/storageAccounts").some(({ name }) => name === account);
  return isThere && container ? { account, container, path: path.join("/") } : undefined;
}

/** `azureml://subscriptions/...`, from the short form and from the id of a datastore with a path behind it. */
function longForm(uri: string, endpointId: string, cloud: Cloud): string {
  if (/^(azureml:)?\/subscriptions\/.*\/datastores\/[^/]+\/paths\//i.test(uri))
    return `azureml:/${uri.replace(/^azureml:(?=\/subscriptions)/, "")}`;
  return resolvedUri(uri, workspaceOf(endpointId), cloud);
}

function lowered(value: unknown): Loose {
  return Object.fromEntries(
    Object.entries((value ?? {}) as Loose).map(([key, one]) => [key.charAt(0).toLowerCase() + key.slice(1), one]),
  );
}

function refused(target: string, message: string): ArmError {
  return new ArmError(400, "BadArgument", message, target);
}
