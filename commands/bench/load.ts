import { randomUUID } from "node:crypto";
import { readFile } from "node:fs/promises";
import { Agent, request } from "undici";
import type { CloudRecord } from "../../local/environment";
import { stateFolders } from "../../local/state";
import { benchCloud } from "./interruption";
import { processMemory } from "./footprint";
import { deployer } from "../../local/emulator/constants";

/** Storage Blob Data Contributor. */
const blobContributor = "ba92f5b4-2d11-453d-a403-e96b0029c9fe";

export interface Load {
  what: string;
  perSecond: number;
  /** Milliseconds of half and of 99 % of the requests, at most. */
  p50: number;
  p99: number;
}

export interface LoadFigures {
  clients: number;
  resources: number;
  blobs: number;
  loads: Load[];
  /** Bytes by which the cloud grew while all resources were listed page by page, by all clients at once. */
  listingGrowth: number;
}

const clients = 50;
const resources = 10_000;
const blobs = 2_000;
const reads = 5_000;
const listings = 50;
const account = "loadst";

/** Fifty clients at once against the cloud and, beside it, its blob service. */
export async function measureLoad(): Promise<LoadFigures> {
  const { root } = stateFolders();
  const client = await LoadClient.connect(await benchCloud(root));
  try {
    const group = `${client.subscription}/resourceGroups/load`;
    const identities = `${group}/providers/Microsoft.ManagedIdentity/userAssignedIdentities`;
    await client.arm("PUT", `${group}?api-version=2024-03-01`, { location: "eastus2" });
    const resource = (index: number) => `${identities}/r${String(index).padStart(5, "0")}?api-version=2023-01-31`;
    const anyOf = (count: number) => Math.floor(Math.random() * count);

    const loads = [
      await timed("PUT of a resource", resources, (index) =>
        client.arm("PUT", resource(index), { location: "eastus2", tags: { index: String(index) } }),
      ),
      await timed("GET of a resource", reads, () => client.arm("GET", resource(anyOf(resources)))),
    ];
    const before = await cloudMemory(root);
    const pages: number[] = [];
    const started = performance.now();
    await inParallel(listings, async () => {
      let listed = 0;
      for (let next: string | undefined = `${identities}?api-version=2023-01-31`; next;) {
        const asked = performance.now();
        const page = (await client.arm("GET", next)) as { value: unknown[]; nextLink?: string };
        pages.push(performance.now() - asked);
        listed += page.value.length;
        next = page.nextLink?.replace(client.url, "");
      }
      if (listed !== resources) throw new Error(`${listed} of ${resources} resources were listed`);
    });
    loads.push(figuresOf(`list of ${resources} resources, a page of 100`, pages, performance.now() - started));
    const listingGrowth = (await cloudMemory(root)) - before;

    await client.makeContainer(group);
    loads.push(
      await timed("PUT of a blob (Azurite, peer)", blobs, (index) => client.blob("PUT", `b${index}`)),
      await timed("GET of a blob (Azurite, peer)", reads, () => client.blob("GET", `b${anyOf(blobs)}`)),
      await timed("list of blobs, a page of 100 (Azurite, peer)", 500, () => client.listBlobs()),
    );
    return { clients, resources, blobs, loads, listingGrowth };
  } finally {
    await client.close();
  }
}

async function cloudMemory(root: string): Promise<number> {
  const processes = await processMemory(root);
  return processes.find(({ name }) => name === "main.ts")?.bytes ?? 0;
}

async function timed(what: string, count: number, ask: (index: number) => Promise<unknown>): Promise<Load> {
  const times: number[] = [];
  const started = performance.now();
  await inParallel(count, async (index) => {
    const asked = performance.now();
    await ask(index);
    times.push(performance.now() - asked);
  });
  return figuresOf(what, times, performance.now() - started);
}

function figuresOf(what: string, times: readonly number[], ms: number): Load {
  const sorted = [...times].sort((a, b) => a - b);
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
  return { what, perSecond: (times.length * 1000) / ms, p50: at(0.5), p99: at(0.99) };
}

async function inParallel(count: number, action: (index: number) => Promise<unknown>): Promise<void> {
  let next = 0;
  const lane = async () => {
    while (next < count) await action(next++);
  };
  await Promise.all(Array.from({ length: clients }, lane));
}

/** As little of a client as there can be, so that the server is what is measured. */
class LoadClient {
  private constructor(
    private readonly record: CloudRecord,
    private readonly dispatcher: Agent,
    private readonly tokens: { arm: string; blobs: string },
  ) {}

  static async connect(record: CloudRecord): Promise<LoadClient> {
    const ca = await readFile(record.caFile, "utf8");
    const dispatcher = new Agent({ connections: clients, connect: { ca } });
    const token = async (resource: string) => {
      const answer = await request(`${record.url}/msi/token?api-version=2019-08-01&resource=${resource}`, {
        headers: { "x-identity-header": record.identityHeader },
        dispatcher,
      });
      return ((await answer.body.json()) as { access_token: string }).access_token;
    };
    const tokens = { arm: await token(`${record.url}/`), blobs: await token("https://storage.azure.com/") };
    return new LoadClient(record, dispatcher, tokens);
  }

  get url(): string {
    return this.record.url;
  }

  get subscription(): string {
    return `/subscriptions/${this.record.subscriptionId}`;
  }

  close(): Promise<void> {
    return this.dispatcher.close();
  }

  async arm(method: "GET" | "PUT", path: string, body?: object): Promise<unknown> {
    const text = await this.send(method, `${this.url}${path}`, this.tokens.arm, body && JSON.stringify(body), {
      "content-type": "application/json",
    });
    return JSON.parse(text);
  }

  async makeContainer(group: string): Promise<void> {
    const id = `${group}/providers/Microsoft.Storage/storageAccounts/${account}`;
    const version = "api-version=2024-01-01";
    const body = { location: "eastus2", kind: "StorageV2", sku: { name: "Standard_LRS" }, properties: {} };
    await this.arm("PUT", `${id}?${version}`, body);
    const isReady = async () => {
      const { properties } = (await this.arm("GET", `${id}?${version}`)) as {
        properties: { provisioningState: string };
      };
      return properties.provisioningState === "Succeeded";
    };
    while (!(await isReady()));
    await this.arm("PUT", `${id}/blobServices/default/containers/load?${version}`, { properties: {} });
    const [scope] = /^\/subscriptions\/[^/]+/.exec(group) ?? [];
    await this.arm(
      "PUT",
      `${id}/providers/Microsoft.Authorization/roleAssignments/${randomUUID()}?api-version=2022-04-01`,
      {
        properties: {
          principalId: deployer.objectId,
          principalType: "ServicePrincipal",
          roleDefinitionId: `${scope}/providers/Microsoft.Authorization/roleDefinitions/${blobContributor}`,
        },
      },
    );
  }

  blob(method: "GET" | "PUT", name: string): Promise<string> {
    const body = method === "PUT" ? "x".repeat(500) : undefined;
    return this.send(method, `${this.record.blobUrl}/${account}/load/${name}`, this.tokens.blobs, body, {
      "x-ms-blob-type": "BlockBlob",
    });
  }

  listBlobs(): Promise<string> {
    const query = "restype=container&comp=list&maxresults=100";
    return this.send("GET", `${this.record.blobUrl}/${account}/load?${query}`, this.tokens.blobs);
  }

  private async send(
    method: "GET" | "PUT",
    url: string,
    token: string,
    body?: string,
    headers: Record<string, string> = {},
  ): Promise<string> {
    const answer = await request(url, {
      method,
      headers: { authorization: `Bearer ${token}`, "x-ms-version": "2024-11-04", ...(body ? headers : {}) },
      body,
      dispatcher: this.dispatcher,
    });
    const text = await answer.body.text();
    if (answer.statusCode >= 300) throw new Error(`${method} ${url}: ${answer.statusCode} ${text}`);
    return text;
  }
}
