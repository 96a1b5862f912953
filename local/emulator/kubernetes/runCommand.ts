import { randomUUID } from "node:crypto";
import { buffer } from "node:stream/consumers";
import { fromBufferPromise } from "yauzl";
import type { ScopeOperation } from "../arm/scopeOperation";
import {
  ArmError,
  type ActionAnswer,
  type ActionRequest,
  type Cloud,
  type Principal,
  type ResourceRecord,
  type Table,
} from "../contracts";
import { CommandError } from "./commandError";
import { UnsupportedCommand, wordsOf } from "./commandLine";
import { Kubectl, type Files } from "./kubectl";
import { ClusterObjects } from "./objects";

/** The application that tokens of clusters with Entra ID are for, the same in every cloud. */
export const kubernetesAudience = "6dae42f8-4368-4678-94ff-3960e28e3630";

const clusterType = "Microsoft.ContainerService/managedClusters";
const largestFiles = 1024 * 1024;
/** Of the output; the rest is cut off, as by AKS. */
const longestLog = 512 * 1024;
const keptResults = 200;

interface Outcome {
  exitCode: number;
  /** What the command wrote, to whichever stream. */
  logs: string;
}

interface CommandResult extends Outcome {
  clusterId: string;
  startedAt: string;
  finishedAt: string;
}

/** Runs a command in a cluster, as AKS does in a pod of its own; what it changes and its result are stored together. */
export async function runCommand({ record, body, query }: ActionRequest, cloud: Cloud): Promise<ActionAnswer> {
  const { command, context, clusterToken } = (body ?? {}) as Record<string, unknown>;
  const { apiServerAccessProfile, aadProfile } = record.properties as {
    apiServerAccessProfile?: { disableRunCommand?: boolean };
    aadProfile?: { managed?: boolean; enableAzureRBAC?: boolean };
  };
  if (apiServerAccessProfile?.disableRunCommand)
    throw new ArmError(
      400,
      "BadRequest",
      `Run command is disabled on the cluster '${record.name}' (apiServerAccessProfile.disableRunCommand).`,
    );
  if (typeof command !== "string" || command.trim() === "")
    throw new ArmError(
      400,
      "InvalidParameter",
      "The value of parameter command is invalid: a command is wanted.",
      "command",
    );
  if (record.properties.provisioningState !== "Succeeded")
    throw new ArmError(
      409,
      "OperationNotAllowed",
      `The cluster '${record.name}' is ${String(record.properties.provisioningState)}.`,
    );
  const user = aadProfile?.managed ? userOf(clusterToken, cloud) : undefined;
  const azureRbac = aadProfile?.enableAzureRBAC ?? false;
  const files = await filesOf(context);
  const startedAt = cloud.now().toISOString();
  const id = randomUUID().replaceAll("-", "");
  const table = cloud.store.table<CommandResult>("kubernetesCommands");
  await cloud.store.transaction(() => {
    const { exitCode, logs } =
      user && azureRbac && !mayWrite(user, record, cloud)
        ? forbidden(user)
        : execute(command, files, new ClusterObjects(cloud, record));
    const finishedAt = cloud.now().toISOString();
    const clusterId = record.id.toLowerCase();
    void table.put(id, { clusterId, startedAt, finishedAt, exitCode, logs: logs.slice(0, longestLog) });
  });
  await forgetOld(table);
  const version = new URLSearchParams({ "api-version": query["api-version"] ?? "" }).toString();
  return {
    status: 202,
    headers: {
      location: `${cloud.url}${record.id}/commandResults/${id}?${version}`,
      "retry-after": "1",
      "retry-after-ms": "100",
    },
  };
}

/** Where the result of a command is asked for. */
export function commandResultOperations(cloud: Cloud, apiVersions: readonly string[]): ScopeOperation[] {
  return [
    {
      method: "GET",
      path: `/subscriptions/{subscription}/resourceGroups/{group}/providers/${clusterType}/{cluster}/commandResults/{id}`,
      apiVersions,
      answer({ path, params: { id = "" }, principal }) {
        const clusterId = path.replace(/\/commandResults\/.*$/i, "");
        cloud.access.authorize(principal, `${clusterType}/commandResults/read`, clusterId);
        const result = cloud.store.table<CommandResult>("kubernetesCommands").get(id);
        if (!result || result.clusterId !== clusterId.toLowerCase())
          throw new ArmError(404, "NotFound", `There is no result of a command '${id}'.`);
        const { startedAt, finishedAt, exitCode, logs } = result;
        return {
          status: 200,
          body: { id, properties: { provisioningState: "Succeeded", exitCode, startedAt, finishedAt, logs } },
        };
      },
    },
  ];
}

/** A command that fails half-way leaves what it did before, as kubectl does. */
function execute(command: string, files: Files, objects: ClusterObjects): Outcome {
  try {
    const [program = "", ...args] = wordsOf(command);
    if (program !== "kubectl")
      throw new UnsupportedCommand(`${program} is not in the local cloud, which runs one kubectl command`);
    const output = new Kubectl(objects, files).run(args);
    return { exitCode: 0, logs: output === "" ? "" : `${output}\n` };
  } catch (error) {
    if (error instanceof CommandError) return { exitCode: 1, logs: `${error.message}\n` };
    if (error instanceof UnsupportedCommand)
      return { exitCode: 1, logs: `error: ${error.message}; see docs/local.md\n` };
    throw error;
  }
}

/** Roles on data reach into a cluster with Azure RBAC; Owner is none of them. */
function mayWrite(user: Principal, { id }: ResourceRecord, { access }: Cloud): boolean {
  return access.allows(user, `${clusterType}/namespaces/write`, id, "dataAction");
}

function forbidden({ objectId }: Principal): Outcome {
  return {
    exitCode: 1,
    logs: `Error from server (Forbidden): User "${objectId}" cannot access resources at the cluster scope: User does not have access to the resource in Azure. Update role assignment to allow access.\n`,
  };
}

async function forgetOld(table: Table<CommandResult>): Promise<void> {
  const results = [...table.list()].sort((a, b) => (a.value.startedAt < b.value.startedAt ? -1 : 1));
  for (const { key } of results.slice(0, -keptResults)) await table.remove(key);
}

function userOf(token: unknown, cloud: Cloud): Principal {
  if (typeof token !== "string" || token === "")
    throw new ArmError(
      400,
      "BadRequest",
      `The cluster has Entra ID: clusterToken must be a token for the application '${kubernetesAudience}'.`,
      "clusterToken",
    );
  return cloud.authenticate(token, kubernetesAudience);
}

async function filesOf(context: unknown): Promise<Files> {
  const files = new Map<string, string>();
  if (context === undefined || context === null || context === "") return files;
  const refused = (reason: string) =>
    new ArmError(400, "InvalidParameter", `The value of parameter context is invalid: ${reason}.`, "context");
  if (typeof context !== "string") throw refused("a zip in base64 is wanted");
  try {
    const zip = await fromBufferPromise(Buffer.from(context, "base64"), { lazyEntries: true });
    let total = 0;
    for await (const entry of zip.eachEntry()) {
      if (entry.fileName.endsWith("/")) continue;
      if ((total += entry.uncompressedSize) > largestFiles)
        throw refused(`its files are larger than ${largestFiles} bytes`);
      files.set(entry.fileName, (await buffer(await zip.openReadStreamPromise(entry))).toString("utf8"));
    }
  } catch (error) {
    throw error instanceof ArmError ? error : refused(`it is no zip in base64 (${(error as Error).message})`);
  }
  return files;
}
