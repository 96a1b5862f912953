import { setTimeout as sleep } from "node:timers/promises";
import { messageOf } from "../../lib/errors";

/** An answer of Resource Manager. */
export interface Answer {
  status: number;
  headers: Headers;
  body: unknown;
}

/** Waits of the real plugin between polls, where the answer does not say: 10 s after a write, 30 s after a deletion. */
const pollSeconds = { PUT: 10, PATCH: 10, POST: 10, DELETE: 30 } as const;
const retriedStatus = new Set([408, 429, 500, 502, 503, 504]);
/** Waits of the real plugin before it tries again, where the answer does not say. */
const retrySeconds = [20, 60, 120];
/** Of the real plugin, for an operation as a whole. */
const defaultLimitSeconds = 120 * 60;

export class ArmError extends Error {
  constructor(
    readonly status: number,
    message: string,
    /** The service had taken the request up, so that the resource may be half there. */
    readonly accepted: boolean,
  ) {
    super(message);
  }
}

/** Requests to Resource Manager as the real plugin makes them, with a token of the identity endpoint. */
export class Arm {
  private endpoint: Promise<{ url: string; audience: string }> | undefined;
  private token: { value: string; expires: number } | undefined;
  private readonly aborted = new AbortController();

  /** Ends all that is under way. */
  cancel(): void {
    this.aborted.abort(new Error("canceled"));
  }

  async get(id: string, apiVersion: string): Promise<Answer> {
    return this.send("GET", await this.url(id, apiVersion));
  }

  /**
   * To the end of a long-running operation.
   * @param limitSeconds the program's custom timeout; 0 for the plugin's own
   * @throws ArmError
   */
  async write(
    method: "PUT" | "PATCH" | "POST" | "DELETE",
    id: string,
    apiVersion: string,
    body?: unknown,
    limitSeconds = 0,
  ): Promise<Answer> {
    const limit = AbortSignal.any([
      this.aborted.signal,
      AbortSignal.timeout((limitSeconds || defaultLimitSeconds) * 1000),
    ]);
    const answer = await this.send(method, await this.url(id, apiVersion), body, limit);
    if (answer.status === 404 && method === "DELETE") return answer;
    if (answer.status >= 400) throw new ArmError(answer.status, describe(answer), false);
    await this.poll(method, answer, limit).catch((error: unknown) => {
      if (error instanceof ArmError) throw error;
      // Canceled, timed out or cut off: what was accepted goes on.
      throw new ArmError(answer.status, messageOf(error), true);
    });
    return answer;
  }

  /** What tokens of Resource Manager are for. */
  async audience(): Promise<string> {
    return (await this.discover()).audience;
  }

  async tokenFor(resource: string): Promise<string> {
    const { IDENTITY_ENDPOINT: endpoint, IDENTITY_HEADER: header } = process.env;
    if (!endpoint || !header)
      throw new Error(
        "IDENTITY_ENDPOINT and IDENTITY_HEADER are not set: the stand-in of azure-native speaks to a local cloud only.",
      );
    const answer = await fetch(
      `${endpoint}?${new URLSearchParams({ "api-version": "2019-08-01", resource }).toString()}`,
      {
        headers: { "x-identity-header": header },
        signal: this.aborted.signal,
      },
    );
    const { access_token: value } = (await answer.json()) as { access_token?: string };
    if (!value) throw new Error(`The identity endpoint ${endpoint} answered ${answer.status} and no token.`);
    return value;
  }

  private async poll(method: keyof typeof pollSeconds, started: Answer, limit: AbortSignal): Promise<void> {
    const operation = started.headers.get("azure-asyncoperation") ?? started.headers.get("operation-location");
    const url = operation ?? started.headers.get("location");
    if (!url || (started.status === 200 && !operation)) return;
    for (let answer = started; ;) {
      await sleep(waitMs(answer, pollSeconds[method]), undefined, { signal: limit });
      answer = await this.send("GET", url, undefined, limit);
      const { status, error } = (answer.body ?? {}) as { status?: string; error?: { code?: string; message?: string } };
      const state = (status ?? (answer.status === 202 ? "InProgress" : "Succeeded")).toLowerCase();
      if (state === "succeeded" && answer.status < 400) return;
      if (state === "failed" || state === "canceled" || answer.status >= 400) {
        throw new ArmError(
          answer.status,
          `Code="${error?.code ?? status}" Message="${error?.message ?? "the operation failed"}"`,
          true,
        );
      }
    }
  }

  private async send(
    method: string,
    url: string,
    body?: unknown,
    signal: AbortSignal = this.aborted.signal,
  ): Promise<Answer> {
    for (let attempt = 0; ; attempt++) {
      try {
        const answer = await this.sendOnce(method, url, body, signal);
        if (!isRetried(answer) || attempt >= retrySeconds.length) return answer;
        await sleep(waitMs(answer, retrySeconds[attempt]), undefined, { signal });
      } catch (error) {
        const connection = error instanceof TypeError && !signal.aborted;
        if (!connection || attempt >= retrySeconds.length) throw error;
        await sleep(500 * (attempt + 1), undefined, { signal });
      }
    }
  }

  private async sendOnce(method: string, url: string, body: unknown, signal: AbortSignal): Promise<Answer> {
    const response = await fetch(url, {
      method,
      headers: {
        accept: "application/json",
        authorization: `Bearer ${await this.armToken()}`,
        "user-agent": "pulumi-azure-native/local",
        ...(body === undefined ? {} : { "content-type": "application/json; charset=utf-8" }),
      },
      body: body === undefined ? undefined : JSON.stringify(body),
      signal,
    });
    const text = await response.text();
    return {
      status: response.status,
      headers: response.headers,
      body: parsed(text),
    };
  }

  private async armToken(): Promise<string> {
    if (!this.token || this.token.expires < Date.now()) {
      const { audience } = await this.discover();
      this.token = { value: await this.tokenFor(audience), expires: Date.now() + 30 * 60_000 };
    }
    return this.token.value;
  }

  private async url(id: string, apiVersion: string): Promise<string> {
    return `${(await this.discover()).url}${id}?api-version=${apiVersion}`;
  }

  /** The metadata document, which the real plugin asks for at ARM_METADATA_HOSTNAME. */
  private discover(): Promise<{ url: string; audience: string }> {
    this.endpoint ??= (async () => {
      const host = process.env.ARM_METADATA_HOSTNAME;
      if (!host)
        throw new Error("ARM_METADATA_HOSTNAME is not set: the stand-in of azure-native speaks to a local cloud only.");
      const answer = await fetch(`https://${host}/metadata/endpoints?api-version=2022-09-01`, {
        signal: this.aborted.signal,
      });
      const document = (await answer.json()) as { resourceManager: string; authentication: { audiences: string[] } };
      return { url: document.resourceManager.replace(/\/$/, ""), audience: document.authentication.audiences[0] ?? "" };
    })();
    return this.endpoint;
  }
}

/** An error answer in the words of the Azure SDK. */
export function describe({ status, body }: Answer): string {
  const error = errorOf(body);
  return `Status=${status} Code="${error?.code ?? "Unknown"}" Message="${error?.message ?? JSON.stringify(body)}"`;
}

function errorOf(body: unknown): { code?: string; message?: string } | undefined {
  const { error } = (isError(body) ? body : {}) as { error?: { code?: string; message?: string } };
  return error;
}

/** Also a conflict with an operation that ends by itself. */
function isRetried({ status, body }: Answer): boolean {
  return retriedStatus.has(status) || (status === 409 && errorOf(body)?.code === "AnotherOperationInProgress");
}

/** What is no JSON stays text. */
function parsed(text: string): unknown {
  if (text === "") return undefined;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}

function isError(body: unknown): boolean {
  return typeof body === "object" && body !== null && "error" in body;
}

function waitMs({ headers }: Answer, otherwiseSeconds: number): number {
  const milliseconds = Number(headers.get("retry-after-ms"));
  if (milliseconds > 0) return milliseconds;
  const seconds = Number(headers.get("retry-after"));
  return (seconds > 0 ? seconds : otherwiseSeconds) * 1000;
}
