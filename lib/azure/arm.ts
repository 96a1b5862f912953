import type { AzureMachineLearningWorkspaces } from "@azure/arm-machinelearning";
import type { HttpMethods } from "@azure/core-rest-pipeline";
import { setTimeout as sleep } from "node:timers/promises";
import { retryAfterMs } from "../retryAfter";
import { discoverCloud } from "./cloud";
import { azureCredential } from "./credential";
import { sdk } from "./sdk";

/** Api-versions of the requests that this program sends itself; azure-native brings its own. */
export const apiVersions = {
  machineLearning: "2025-12-01",
  /** The last one that has the provisioning of a workspace's network as an action of the workspace. */
  managedNetwork: "2024-10-01",
  storage: "2024-01-01",
  keyVault: "2024-11-01",
  containerService: "2025-09-01",
} as const;

/** An error answer of Azure Resource Manager. */
export class ArmRequestError extends Error {
  override readonly name = "ArmRequestError";
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    /** What the service asks to wait before the next try, when it says so. */
    readonly retryAfterMs?: number,
  ) {
    super(message);
  }
}

const transientStatus = new Set([408, 429, 500, 502, 503, 504]);

/** Whether the same request may succeed later: throttling, an overloaded service, a cut connection. */
export function isTransient(error: unknown): boolean {
  if (error instanceof ArmRequestError) return transientStatus.has(error.status);
  // RestError of the Azure SDK's pipeline; one without a status never had an answer.
  const { name, statusCode } = error as { name?: string; statusCode?: number };
  return name === "RestError" && (statusCode === undefined || transientStatus.has(statusCode));
}

const credentialErrors = new Set(["CredentialUnavailableError", "AggregateAuthenticationError", "AuthenticationError"]);

/**
 * Whether no token was to be had, or it was refused as one that is no longer good (the clock of a machine that slept may be
 * behind): for a process that had a good one before, as good as a cut connection.
 */
export function isCredentialFailure(error: unknown): boolean {
  if (error instanceof ArmRequestError) return error.status === 401;
  return credentialErrors.has((error as { name?: string }).name ?? "");
}

/** The part of every ARM resource that is the same for all types. */
export interface ArmResource<Properties> {
  id: string;
  name: string;
  type: string;
  location?: string;
  tags?: Record<string, string>;
  identity?: Record<string, unknown>;
  sku?: Record<string, unknown>;
  kind?: string;
  systemData?: { createdAt?: string };
  properties: Properties;
}

interface Answer {
  status: number;
  headers: { get(name: string): string | undefined };
  body: unknown;
}

/**
 * Plain requests to Azure Resource Manager through the pipeline (token, retries, user agent) of the Azure ML client.
 * The client's typed methods are not used for bodies: `jobs.createOrUpdate` of @azure/arm-machinelearning 2.1.1 silently
 * drops nearly every AutoML field, because its discriminators are registered under other names than its types ask for.
 */
export class ArmClient {
  private constructor(
    readonly resourceManager: string,
    private readonly client: AzureMachineLearningWorkspaces,
  ) {}

  private static shared: Promise<ArmClient> | undefined;

  /** The process's connection to the cloud that the environment names, with the process's credential. */
  static connect(): Promise<ArmClient> {
    ArmClient.shared ??= ArmClient.open().catch((error: unknown) => {
      ArmClient.shared = undefined;
      throw error;
    });
    return ArmClient.shared;
  }

  private static async open(): Promise<ArmClient> {
    const cloud = await discoverCloud();
    // The subscription is part of each id, so the client's own is never used.
    const client = new sdk.machineLearning.AzureMachineLearningWorkspaces(azureCredential(), "unused", {
      endpoint: cloud.resourceManager,
      credentialScopes: cloud.scope,
    });
    return new ArmClient(cloud.resourceManager, client);
  }

  /** The resource, or undefined when there is none (404). */
  async get<Properties>(id: string, apiVersion: string): Promise<ArmResource<Properties> | undefined> {
    const answer = await this.send("GET", id, apiVersion, undefined, [404]);
    return answer.status === 404 ? undefined : (answer.body as ArmResource<Properties>);
  }

  /** Creates or replaces a resource, and waits to the end of the operation when it is a long-running one. */
  async put<Properties>(id: string, apiVersion: string, body: unknown): Promise<ArmResource<Properties>> {
    const answer = await this.send("PUT", id, apiVersion, body);
    await this.finish(answer);
    if (!operationUrl(answer)) return answer.body as ArmResource<Properties>;
    const resource = await this.get<Properties>(id, apiVersion);
    if (!resource)
      throw new ArmRequestError(404, "ResourceNotFound", `${id} was gone right after it had been written.`);
    return resource;
  }

  /** Changes a part of a resource, and waits for the end. */
  async patch(id: string, apiVersion: string, body: unknown): Promise<void> {
    await this.finish(await this.send("PATCH", id, apiVersion, body));
  }

  /** An action on a resource; the answer of a long-running one is what its Location says in the end. */
  async post<T>(path: string, apiVersion: string, body?: unknown): Promise<T> {
    const answer = await this.send("POST", path, apiVersion, body);
    const last = await this.finish(answer);
    return (answer.body ?? last.body) as T;
  }

  /** Deletes and waits for the end; a resource that is not there counts as deleted. */
  async delete(id: string, apiVersion: string, query: Record<string, string> = {}): Promise<void> {
    await this.finish(await this.request("DELETE", this.url(id, apiVersion, query), undefined, [404]));
  }

  /** All entries of a collection. */
  async *list<Properties>(path: string, apiVersion: string): AsyncGenerator<ArmResource<Properties>> {
    for await (const page of this.pages<Properties>(path, apiVersion)) yield* page;
  }

  /** The pages of a collection, a request each. @throws Error when the service leads back to a page that it gave before */
  async *pages<Properties>(
    path: string,
    apiVersion: string,
    query: Record<string, string> = {},
  ): AsyncGenerator<ArmResource<Properties>[]> {
    let next: string | undefined = this.url(path, apiVersion, query);
    const seen = new Set<string>();
    while (next) {
      if (seen.has(next)) throw new Error(`The list of ${path} leads in a circle after ${seen.size} pages.`);
      seen.add(next);
      const answer = await this.request("GET", next);
      const page = answer.body as { value: ArmResource<Properties>[]; nextLink?: string };
      yield page.value;
      next = page.nextLink;
    }
  }

  /** A request with this cloud's token to an absolute URL, for the Azure ML data plane (MLflow). */
  async request(method: HttpMethods, url: string, body?: unknown, accepted: readonly number[] = []): Promise<Answer> {
    const { createHttpHeaders, createPipelineRequest } = sdk.pipeline;
    const response = await this.client.sendRequest(
      createPipelineRequest({
        url,
        method,
        headers: createHttpHeaders({
          accept: "application/json",
          ...(body === undefined ? {} : { "content-type": "application/json; charset=utf-8" }),
        }),
        body: body === undefined ? undefined : JSON.stringify(body),
        timeout: 120_000,
      }),
    );
    const parsed = parseBody(response.bodyAsText);
    if (response.status >= 400 && !accepted.includes(response.status)) throw errorOf(response, parsed, method, url);
    return { status: response.status, headers: response.headers, body: parsed };
  }

  private send(
    method: HttpMethods,
    path: string,
    apiVersion: string,
    body?: unknown,
    accepted?: number[],
  ): Promise<Answer> {
    return this.request(method, this.url(path, apiVersion), body, accepted);
  }

  private url(path: string, apiVersion: string, query: Record<string, string> = {}): string {
    return `${this.resourceManager}${path}?${new URLSearchParams({ "api-version": apiVersion, ...query }).toString()}`;
  }

  /** Waits for the end of a long-running operation, and answers what was said last. */
  private async finish(started: Answer): Promise<Answer> {
    const url = operationUrl(started);
    if (!url || started.status === 404) return started;
    for (let answer = started; ;) {
      await sleep(Math.min(waitOf(answer.headers) ?? pollMs, longestPollMs));
      answer = await this.request("GET", url);
      const { status, error } = (answer.body ?? {}) as { status?: string; error?: { code: string; message: string } };
      // Location answers 202 until it is done and has no status word; Azure-AsyncOperation always has one.
      const state = (status ?? (answer.status === 202 ? "InProgress" : "Succeeded")).toLowerCase();
      if (state === "succeeded") return answer;
      if (state === "failed" || state === "canceled") {
        throw new ArmRequestError(
          400,
          error?.code ?? status ?? "OperationFailed",
          error?.message ?? `The operation ended as ${status}.`,
        );
      }
    }
  }
}

function operationUrl(answer: Answer): string | undefined {
  const operation = answer.headers.get("azure-asyncoperation");
  if (operation) return operation;
  return answer.status === 201 || answer.status === 202 ? answer.headers.get("location") : undefined;
}

const longestPollMs = 60_000;
const pollMs = 2_000;

function waitOf(headers: Answer["headers"]): number | undefined {
  return retryAfterMs((name) => headers.get(name));
}

function parseBody(text: string | null | undefined): unknown {
  if (!text) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function errorOf(
  { status, headers }: Pick<Answer, "status" | "headers">,
  body: unknown,
  method: string,
  url: string,
): ArmRequestError {
  // ARM nests the error; MLflow answers {"error_code", "message"}.
  const envelope = (typeof body === "object" && body !== null ? body : {}) as {
    error?: { code?: string; message?: string };
    error_code?: string;
    message?: string;
  };
  const code = envelope.error?.code ?? envelope.error_code ?? `Http${status}`;
  const message =
    envelope.error?.message ?? envelope.message ?? (typeof body === "string" ? body.slice(0, 500) : "no message");
  const text = `${method} ${new URL(url).pathname}: ${status} ${code}: ${message}`;
  return new ArmRequestError(status, code, text, waitOf(headers));
}
