import { readFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { Agent, fetch, type RequestInit, type Response } from "undici";
import { UserError } from "../lib/errors";
import type { CloudRecord } from "./environment";

const scoringRetries = 30;
/** One that was killed is started again while an `up` is at work. */
const outageMs = 10_000;
const pollMs = 250;

/** Requests to the local cloud from a process that was started without its certificate. */
export class LocalClient {
  private constructor(
    private readonly record: CloudRecord,
    private readonly dispatcher: Agent,
    private readonly signal: AbortSignal | undefined,
  ) {}

  /** @param signal ends requests, and waiting between them */
  static async connect(record: CloudRecord, signal?: AbortSignal): Promise<LocalClient> {
    return new LocalClient(record, new Agent({ connect: { ca: await readFile(record.caFile, "utf8") } }), signal);
  }

  async close(): Promise<void> {
    await this.dispatcher.close();
  }

  /** A request to Resource Manager; undefined for what is not there. */
  arm<T>(
    method: "GET" | "POST" | "PUT" | "DELETE",
    path: string,
    apiVersion: string,
    body?: unknown,
  ): Promise<T | undefined> {
    return this.send(method, `${path}?api-version=${apiVersion}`, body);
  }

  /** A request with the deployer's token; undefined for what is not there. */
  async send<T>(method: string, path: string, body?: unknown): Promise<T | undefined> {
    const text = await this.answer(method, path, body);
    return text === undefined ? undefined : ((text ? JSON.parse(text) : {}) as T);
  }

  /** What is at an address, as it is; undefined for what is not there. */
  text(path: string): Promise<string | undefined> {
    return this.answer("GET", path);
  }

  private async answer(method: string, path: string, body?: unknown): Promise<string | undefined> {
    const { url } = this.record;
    const answer = await this.fetch(`${url}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${await this.token(`${url}/`)}`,
        ...(body === undefined ? {} : { "content-type": "application/json" }),
      },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    if (answer.status === 404) return undefined;
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
    return text;
  }

  /** The text of a blob. */
  async blob(uri: string): Promise<string> {
    const token = await this.token("https://storage.azure.com/");
    const headers = { authorization: `Bearer ${token}`, "x-ms-version": "2024-11-04" };
    const answer = await this.fetch(uri, { headers });
    if (!answer.ok) throw new Error(`GET ${uri}: ${answer.status} ${await answer.text()}`);
    return answer.text();
  }

  /** Scores encoded pictures at an endpoint. */
  async score<T>(scoringUri: string, key: string, images: readonly Uint8Array[]): Promise<T> {
    const body = JSON.stringify({
      input_data: { columns: ["image"], data: images.map((image) => Buffer.from(image).toString("base64")) },
    });
    const headers = { authorization: `Bearer ${key}`, "content-type": "application/json" };
    const ask = () => this.fetch(scoringUri, { method: "POST", headers, body });
    let answer = await ask();
    // After a start of the cloud the replicas need a moment.
    for (let attempt = 0; answer.status === 503 && attempt < scoringRetries; attempt++) {
      await answer.text();
      await sleep(1_000, undefined, { signal: this.signal });
      answer = await ask();
    }
    if (!answer.ok) throw new Error(`The endpoint answered ${answer.status}: ${await answer.text()}`);
    return (await answer.json()) as T;
  }

  /** An assertion for a workload, by the cloud's own issuer. */
  async assertion(wanted: { subject: string; audience?: string; lifetimeSeconds?: number }): Promise<string> {
    const { url, identityHeader } = this.record;
    const answer = await this.fetch(`${url}/oidc/token`, {
      method: "POST",
      headers: { "x-identity-header": identityHeader, "content-type": "application/json" },
      body: JSON.stringify(wanted),
    });
    if (!answer.ok) throw new Error(`POST /oidc/token: ${answer.status} ${await answer.text()}`);
    return ((await answer.json()) as { token: string }).token;
  }

  private async token(resource: string): Promise<string> {
    const { url, identityHeader } = this.record;
    const query = new URLSearchParams({ "api-version": "2019-08-01", resource });
    const answer = await this.fetch(`${url}/msi/token?${query.toString()}`, {
      headers: { "x-identity-header": identityHeader },
    });
    return ((await answer.json()) as { access_token: string }).access_token;
  }

  /** @throws UserError when the cloud does not answer, or cuts the connection */
  private async fetch(address: string, init: RequestInit): Promise<Response> {
    const deadline = Date.now() + outageMs;
    for (;;) {
      try {
        return await fetch(address, { ...init, dispatcher: this.dispatcher, signal: this.signal });
      } catch (error) {
        this.signal?.throwIfAborted();
        const { code, message } = (error as { cause?: { code?: string; message?: string } }).cause ?? {};
        if (code !== "ECONNREFUSED" || Date.now() > deadline) {
          throw new UserError(
            `The local Azure at ${this.record.url} does not answer (${message ?? String(error)}). "npm run local:start" starts it.`,
          );
        }
      }
      await sleep(pollMs, undefined, { signal: this.signal });
    }
  }
}
