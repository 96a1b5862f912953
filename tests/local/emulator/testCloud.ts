import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { readFile } from "node:fs/promises";
import { BlobServiceClient, type ContainerClient } from "@azure/storage-blob";
import { Agent, fetch } from "undici";
import { zipOf } from "../../../lib/zip/write";
import { kubernetesAudience } from "../../../local/emulator/kubernetes/runCommand";
import { startCloud, stopCloud } from "../../../local/emulator/control";
import { deployer } from "../../../local/emulator/constants";
import { deterministicGuid } from "../../../lib/naming";
import type { CloudRecord } from "../../../local/environment";

export interface ArmAnswer {
  status: number;
  headers: { get(name: string): string | null };
  body: ArmBody;
}

export interface CommandResult {
  exitCode: number;
  logs: string;
  provisioningState: string;
}

export interface ArmBody {
  id?: string;
  name?: string;
  type?: string;
  location?: string;
  tags?: Record<string, string>;
  identity?: { principalId?: string };
  systemData?: Record<string, string>;
  properties?: Record<string, unknown>;
  value?: ArmBody[];
  nextLink?: string;
  status?: string;
  error?: { code: string; message: string; target?: string };
}

export const versions = {
  groups: "2024-03-01",
  storage: "2024-01-01",
  vaults: "2024-11-01",
  ml: "2025-12-01",
  roles: "2022-04-01",
  clusters: "2025-09-01",
  extensions: "2023-05-01",
};

export const roles = {
  contributor: "b24988ac-6180-42a0-ab88-20f7382dd24c",
  reader: "acdd72a7-3385-48ef-bd42-f606fba81ae7",
  blobContributor: "ba92f5b4-2d11-453d-a403-e96b0029c9fe",
  blobReader: "2a2b9908-6ea1-4ae2-8e65-a410df84e7d1",
  secretsUser: "4633458b-17de-408a-b874-0445c86b69e6",
  clusterAdmin: "b1ff04bb-8a4e-4dc4-8eb5-8693973ce19b",
};

const pollMs = 20;

/** A folder for state of its own, and the real process that serves it. */
export class TestCloud {
  private constructor(
    readonly stateFolder: string,
    public record: CloudRecord,
    private readonly dispatcher: Agent,
  ) {}

  /** @param admin whether time and faults can be made by request */
  static async start(admin = false): Promise<TestCloud> {
    const stateFolder = await mkdtemp(join(tmpdir(), "cloud-"));
    const record = await startCloud(stateFolder, undefined, admin);
    return new TestCloud(stateFolder, record, new Agent({ connect: { ca: await readFile(record.caFile, "utf8") } }));
  }

  async remove(): Promise<void> {
    await this.dispatcher.close();
    await stopCloud(this.stateFolder);
    await rm(this.stateFolder, { recursive: true, force: true });
  }

  /** Kills the process as a power cut would, and starts another. */
  async killAndRestart(): Promise<void> {
    process.kill(this.record.pid, "SIGKILL");
    await until(() => !isAlive(this.record.pid));
    this.record = await startCloud(this.stateFolder, undefined, this.record.admin);
  }

  get subscription(): string {
    return `/subscriptions/${this.record.subscriptionId}`;
  }

  async token(resource = `${this.record.url}/`, header = this.record.identityHeader): Promise<string> {
    const answer = await this.request("GET", `/msi/token?api-version=2019-08-01&resource=${resource}`, {
      headers: { "x-identity-header": header },
      token: "",
    });
    return (answer.body as unknown as { access_token: string }).access_token;
  }

  /** A request of any kind; with a token for Resource Manager unless another, or "", is given. */
  async request(
    method: string,
    path: string,
    { body, token, headers = {} }: { body?: unknown; token?: string; headers?: Record<string, string> } = {},
  ): Promise<ArmAnswer> {
    const bearer = token ?? (await this.token());
    const answer = await fetch(path.startsWith("https:") ? path : `${this.record.url}${path}`, {
      method,
      headers: {
        ...(bearer ? { authorization: `Bearer ${bearer}` } : {}),
        ...(body === undefined ? {} : { "content-type": "application/json" }),
        ...headers,
      },
      body: body === undefined ? undefined : JSON.stringify(body),
      dispatcher: this.dispatcher,
    });
    const text = await answer.text();
    return { status: answer.status, headers: answer.headers, body: (text ? JSON.parse(text) : {}) as ArmBody };
  }

  /** A request as it is, to any address, whose answer may be in any form. */
  async raw(
    method: string,
    url: string,
    headers: Record<string, string>,
    body?: string,
  ): Promise<{ status: number; headers: { get(name: string): string | null }; text: string }> {
    const answer = await fetch(url, { method, headers, body, dispatcher: this.dispatcher });
    return { status: answer.status, headers: answer.headers, text: await answer.text() };
  }

  /** A request to the admin endpoint. */
  admin(method: string, path: string, body?: unknown): Promise<ArmAnswer> {
    return this.request(method, `/local/${path}`, { body });
  }

  arm(method: string, id: string, apiVersion: string, body?: unknown): Promise<ArmAnswer> {
    return this.request(method, `${id}?api-version=${apiVersion}`, { body });
  }

  /** PUTs and waits to the end of the operation; throws the error's code when it is refused. */
  async put(id: string, apiVersion: string, body: unknown): Promise<ArmBody> {
    const answer = await this.arm("PUT", id, apiVersion, body);
    if (answer.body.error) throw new Error(`${answer.body.error.code}: ${answer.body.error.message}`);
    await this.finish(answer);
    return (await this.arm("GET", id, apiVersion)).body;
  }

  /** How the operation of an answer ended. */
  async finish(answer: ArmAnswer): Promise<string> {
    const url = answer.headers.get("azure-asyncoperation");
    if (!url) return "Succeeded";
    let status = "InProgress";
    await until(async () => {
      status = (await this.request("GET", url)).body.status ?? "";
      return status !== "InProgress";
    });
    return status;
  }

  async group(name = "rg"): Promise<string> {
    const id = `${this.subscription}/resourceGroups/${name}`;
    await this.put(id, versions.groups, { location: "eastus2" });
    return id;
  }

  async account(name: string, group: string): Promise<string> {
    const id = `${group}/providers/Microsoft.Storage/storageAccounts/${name}`;
    await this.put(id, versions.storage, {
      location: "eastus2",
      kind: "StorageV2",
      sku: { name: "Standard_LRS" },
      properties: { allowSharedKeyAccess: false },
    });
    await this.grant(id, deployer.objectId, roles.blobContributor);
    return id;
  }

  /** Assigns a built-in role by its GUID, once; answers the assignment's id. */
  async grant(scope: string, principalId: string, role: string): Promise<string> {
    const id = `${scope}/providers/Microsoft.Authorization/roleAssignments/${deterministicGuid(scope, principalId, role)}`;
    const roleDefinitionId = `${this.subscription}/providers/Microsoft.Authorization/roleDefinitions/${role}`;
    await this.put(id, versions.roles, {
      properties: { principalId, principalType: "ServicePrincipal", roleDefinitionId },
    });
    return id;
  }

  /** A workspace, whose identity may write blobs, with an account and a vault of its own; the account's name is the workspace's and "st". */
  async workspace(name: string, group: string): Promise<string> {
    const storageAccount = await this.account(`${name}st`, group);
    const keyVault = `${group}/providers/Microsoft.KeyVault/vaults/${name}-kv`;
    const sku = { family: "A", name: "standard" };
    await this.put(keyVault, versions.vaults, {
      location: "eastus2",
      properties: { tenantId: this.record.tenantId, sku },
    });
    const id = `${group}/providers/Microsoft.MachineLearningServices/workspaces/${name}`;
    await this.put(id, versions.ml, {
      location: "eastus2",
      identity: { type: "SystemAssigned" },
      properties: { storageAccount, keyVault },
    });
    const { identity } = (await this.arm("GET", id, versions.ml)).body;
    await this.grant(storageAccount, identity?.principalId ?? "", roles.blobContributor);
    return id;
  }

  /** A registry of Azure ML. */
  async modelRegistry(name: string, group: string): Promise<string> {
    const id = `${group}/providers/Microsoft.MachineLearningServices/registries/${name}`;
    const identity = { type: "SystemAssigned" };
    const properties = { regionDetails: [{ location: "eastus2" }] };
    await this.put(id, versions.ml, { location: "eastus2", identity, properties });
    return id;
  }

  /** Uploads a file for a version of a model in a registry, before it is made; answers the file's place. */
  async uploadToRegistry(versionId: string, file: string, content: string): Promise<string> {
    const { body } = await this.arm("POST", `${versionId}/startPendingUpload`, versions.ml, {});
    const { blobReferenceForConsumption: reference } = body as unknown as {
      blobReferenceForConsumption: { blobUri: string; credential: { sasUri: string } };
    };
    const signed = reference.credential.sasUri.replace("?", `/${file}?`);
    await this.raw("PUT", signed, { "x-ms-blob-type": "BlockBlob" }, content);
    return `${reference.blobUri}/${file}`;
  }

  /** An AKS cluster of one node. */
  async aksCluster(name: string, more: object = {}): Promise<string> {
    const id = `${await this.group()}/providers/Microsoft.ContainerService/managedClusters/${name}`;
    await this.put(id, versions.clusters, {
      location: "eastus2",
      identity: { type: "SystemAssigned" },
      properties: {
        dnsPrefix: name,
        agentPoolProfiles: [{ name: "system", mode: "System", vmSize: "Standard_D4s_v5", count: 1 }],
        ...more,
      },
    });
    return id;
  }

  /** The Azure ML extension in a cluster. */
  async extension(cluster: string, settings: object = { allowInsecureConnections: "True" }): Promise<void> {
    await this.put(`${cluster}/providers/Microsoft.KubernetesConfiguration/extensions/azureml`, versions.extensions, {
      properties: {
        extensionType: "Microsoft.AzureML.Kubernetes",
        configurationSettings: { enableInference: "True", ...settings },
      },
    });
  }

  /** A command in a cluster, with a file that it may name. */
  async runCommand(cluster: string, command: string, files: Record<string, string> = {}): Promise<CommandResult> {
    const started = await this.request("POST", `${cluster}/runCommand?api-version=${versions.clusters}`, {
      body: { command, context: zipOf(files).toString("base64"), clusterToken: await this.token(kubernetesAudience) },
    });
    const { body } = await this.request("GET", started.headers.get("location") ?? "");
    return body.properties as unknown as CommandResult;
  }

  /** A container as a client with a token sees it; the process's own trust store is left alone. */
  async container(account: string, name: string): Promise<ContainerClient> {
    return (await this.blobs(account)).getContainerClient(name);
  }

  async blobs(account: string): Promise<BlobServiceClient> {
    const token = await this.token("https://storage.azure.com/");
    const credential = { getToken: async () => ({ token, expiresOnTimestamp: Date.now() + 3_000_000 }) };
    const ca = await readFile(this.record.caFile, "utf8");
    const options = { tlsOptions: { ca }, retryOptions: { maxTries: 1 } };
    return new BlobServiceClient(`${this.record.blobUrl}/${account}`, credential, options);
  }
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** Waits, but not for ever. */
export async function until(condition: () => boolean | Promise<boolean>, limitMs = 15_000): Promise<void> {
  for (const deadline = Date.now() + limitMs; !(await condition()); await sleep(pollMs)) {
    if (Date.now() > deadline) throw new Error(`not within ${limitMs / 1000} s: ${condition.toString()}`);
  }
}
