import autocannon from "autocannon";
import { readFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { LocalClient } from "../../local/client";
import { runningCloud } from "../../local/emulator/control";
import { clientEnvironment } from "../../local/exports";
import { composePicture } from "../../local/sample/picture";
import { seededRandom } from "../../local/sample/random";
import { stateFolders } from "../../local/state";
import type { Row } from "./rows";

const connections = 8;
/** Of the steady load, and of each step of the rollout. */
const steadySeconds = 10;
const stepMs = 3_000;
const apiVersion = "2025-12-01";

interface Deployment {
  location: string;
  sku: object;
  properties: Record<string, unknown>;
}

/**
 * The champion behind an endpoint of its own, under a constant load: how much it takes, and what is lost while all traffic
 * moves to another deployment and the first one is deleted. Needs a cloud with the whole stack in it.
 */
export async function servingRows(): Promise<Row[]> {
  const record = await runningCloud(stateFolders().root);
  if (!record) throw new Error("the local cloud does not run");
  const client = await LocalClient.connect(record);
  try {
    const endpoint = await BenchEndpoint.make(client, await clientEnvironment(record));
    const ca = await readFile(record.caFile, "utf8");
    const steady = await endpoint.load(ca, steadySeconds);
    const [moved] = await Promise.all([endpoint.load(ca, (4 * stepMs) / 1000 + 2), endpoint.rollOut()]);
    await endpoint.remove();
    const failed = failedOf(steady) + failedOf(moved);
    const all = steady.requests.total + moved.requests.total;
    return [
      {
        what: `scoring by ${connections} connections`,
        figure: `${steady.requests.average.toFixed(1)}/s, p99 ${Math.round(steady.latency.p99)} ms`,
        limit: "",
      },
      {
        what: "  the same during a rollout",
        figure: `${moved.requests.average.toFixed(1)}/s, p99 ${Math.round(moved.latency.p99)} ms`,
        limit: "",
      },
      { what: "  failed answers of all", figure: `${failed} of ${all}`, limit: "0" },
    ];
  } finally {
    await client.close();
  }
}

function failedOf({ errors, timeouts, non2xx }: autocannon.Result): number {
  return errors + timeouts + non2xx;
}

class BenchEndpoint {
  private constructor(
    private readonly client: LocalClient,
    private readonly id: string,
    private readonly scoringUri: string,
    private readonly key: string,
  ) {}

  /** Beside the stack's own endpoint, with its model and settings in two deployments; the first has all traffic. */
  static async make(client: LocalClient, environment: Record<string, string | undefined>): Promise<BenchEndpoint> {
    const group = `/subscriptions/${environment.AZURE_SUBSCRIPTION_ID}/resourceGroups/${environment.AZURE_RESOURCE_GROUP}`;
    const endpoints = `${group}/providers/Microsoft.MachineLearningServices/workspaces/${environment.AZURE_ML_WORKSPACE}/onlineEndpoints`;
    const ask = async <T>(method: "GET" | "POST", path: string): Promise<T> => {
      const found = await client.arm<T>(method, path, apiVersion);
      if (!found) throw new Error(`${path} is not there: run this after up:local`);
      return found;
    };
    const served = (await ask<{ value: { id: string; properties: { compute: string } }[] }>("GET", endpoints)).value[0];
    const like = (await ask<{ value: Deployment[] }>("GET", `${served?.id}/deployments`)).value[0];
    if (!served || !like) throw new Error("no deployment to serve alike: run this after up:local");
    const id = `${endpoints}/bench`;
    await put(client, id, endpointBody(served.properties.compute, {}));
    for (const name of ["first", "second"]) {
      const requestSettings = { requestTimeout: "PT60S", maxConcurrentRequestsPerInstance: 2, maxQueueWait: "PT30S" };
      await put(client, `${id}/deployments/${name}`, { ...like, properties: { ...like.properties, requestSettings } });
    }
    await put(client, id, endpointBody(served.properties.compute, { first: 100 }));
    const { properties } = await ask<{ properties: { scoringUri: string } }>("GET", id);
    const { primaryKey } = await ask<{ primaryKey: string }>("POST", `${id}/listKeys`);
    return new BenchEndpoint(client, id, properties.scoringUri, primaryKey);
  }

  async load(ca: string, seconds: number): Promise<autocannon.Result> {
    const { jpeg } = await composePicture(seededRandom(7));
    return autocannon({
      url: this.scoringUri,
      method: "POST",
      connections,
      duration: seconds,
      timeout: 60,
      tlsOptions: { ca },
      headers: { authorization: `Bearer ${this.key}`, "content-type": "application/json" },
      body: JSON.stringify({ input_data: { columns: ["image"], data: [jpeg.toString("base64")] } }),
    });
  }

  /** All traffic to the second deployment, step by step, and an end to the first. */
  async rollOut(): Promise<void> {
    const { properties } =
      (await this.client.arm<{ properties: { compute: string } }>("GET", this.id, apiVersion)) ?? {};
    for (const share of [10, 50, 100]) {
      const traffic: Record<string, number> = share === 100 ? { second: 100 } : { first: 100 - share, second: share };
      await put(this.client, this.id, endpointBody(properties?.compute, traffic));
      await sleep(stepMs);
    }
    await this.client.send("DELETE", `${this.id}/deployments/first?api-version=${apiVersion}`);
    await sleep(stepMs);
  }

  async remove(): Promise<void> {
    await this.client.send("DELETE", `${this.id}?api-version=${apiVersion}`);
  }
}

function endpointBody(compute: string | undefined, traffic: Record<string, number>) {
  const identity = { type: "SystemAssigned" };
  return { location: "eastus2", identity, properties: { authMode: "Key", compute, traffic } };
}

/** Makes a resource and waits until it is there. */
async function put(client: LocalClient, id: string, body: object): Promise<void> {
  await client.arm("PUT", id, apiVersion, body);
  for (;;) {
    const made = await client.arm<{ properties: { provisioningState: string } }>("GET", id, apiVersion);
    const state = made?.properties.provisioningState;
    if (state === "Succeeded") return;
    if (state === "Failed" || state === undefined) throw new Error(`${id} is ${state ?? "not there"}`);
    await sleep(100);
  }
}
