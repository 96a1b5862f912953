import { readFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { Agent, fetch } from "undici";
import { LocalClient } from "../../local/client";
import type { CloudRecord } from "../../local/environment";

const version = "2025-12-01";

interface Resource {
  name: string;
  properties: { provisioningState: string; traffic?: Record<string, number> };
}

/** Looks at an endpoint again and again, and notes what must never be. */
export class ServingWatch {
  /** What was wrong at a look. */
  readonly wrong: string[] = [];
  looks = 0;
  private goesOn = true;
  private running: Promise<void> | undefined;

  private constructor(
    readonly client: LocalClient,
    private readonly endpointId: string,
  ) {}

  static async begin(record: CloudRecord, endpointId: string): Promise<ServingWatch> {
    const watch = new ServingWatch(await LocalClient.connect(record), endpointId);
    watch.running = watch.run();
    return watch;
  }

  async end(): Promise<void> {
    if (!this.goesOn) return;
    this.goesOn = false;
    await this.running;
    await this.client.close();
  }

  async traffic(): Promise<Record<string, number>> {
    const endpoint = await this.client.arm<Resource>("GET", this.endpointId, version);
    return endpoint?.properties.traffic ?? {};
  }

  async setTraffic(traffic: Record<string, number>): Promise<void> {
    const endpoint = await this.client.arm<Resource>("GET", this.endpointId, version);
    await this.client.arm("PUT", this.endpointId, version, {
      ...endpoint,
      properties: { ...endpoint?.properties, traffic },
    });
    await this.until(async () => {
      const now = await this.client.arm<Resource>("GET", this.endpointId, version);
      return now?.properties.provisioningState === "Succeeded";
    });
  }

  async deployments(): Promise<Resource[]> {
    const list = await this.client.arm<{ value: Resource[] }>("GET", `${this.endpointId}/deployments`, version);
    return list?.value ?? [];
  }

  async removeDeployment(name: string): Promise<void> {
    await this.client.send("DELETE", `${this.endpointId}/deployments/${name}?api-version=${version}`);
    await this.until(async () => !(await this.deployments()).some((one) => one.name === name));
  }

  async until(condition: () => boolean | Promise<boolean>, limitMs = 120_000): Promise<void> {
    for (const deadline = Date.now() + limitMs; !(await condition()); await sleep(30)) {
      if (Date.now() > deadline) throw new Error(`not within ${limitMs / 1000} s: ${condition.toString()}`);
    }
  }

  private async run(): Promise<void> {
    for (; this.goesOn; await sleep(100)) {
      // Deployments first: one that has traffic afterwards was there before.
      const deployments = await this.deployments();
      const traffic = await this.traffic();
      this.looks++;
      const sum = Object.values(traffic).reduce((all, share) => all + share, 0);
      if (sum !== 0 && sum !== 100) this.wrong.push(`the sum is ${sum}: ${JSON.stringify(traffic)}`);
      for (const [name, share] of Object.entries(traffic)) {
        const state = deployments.find((one) => one.name === name)?.properties.provisioningState;
        if (share > 0 && state !== undefined && state !== "Succeeded")
          this.wrong.push(`${name} is ${state} and has ${share} %`);
      }
    }
  }
}

/** Requests to the endpoint, as users send them, one after the other, until it is told to end. Nothing is sent twice. */
export class ConstantLoad {
  readonly failures: string[] = [];
  answered = 0;
  private goesOn = true;
  private running: Promise<void> | undefined;

  static async begin(record: CloudRecord, scoringUri: string, key: string, picture: Uint8Array): Promise<ConstantLoad> {
    const load = new ConstantLoad();
    const dispatcher = new Agent({ connect: { ca: await readFile(record.caFile, "utf8") } });
    const body = JSON.stringify({
      input_data: { columns: ["image"], data: [Buffer.from(picture).toString("base64")] },
    });
    const headers = { authorization: `Bearer ${key}`, "content-type": "application/json" };
    load.running = (async () => {
      while (load.goesOn) {
        try {
          const answer = await fetch(scoringUri, { method: "POST", headers, body, dispatcher });
          const text = await answer.text();
          if (answer.ok) load.answered++;
          else load.failures.push(`${answer.status} ${text}`);
        } catch (error) {
          load.failures.push(String(error));
        }
      }
      await dispatcher.close();
    })();
    return load;
  }

  async end(): Promise<void> {
    this.goesOn = false;
    await this.running;
  }
}
