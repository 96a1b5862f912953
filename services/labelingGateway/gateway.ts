import type { BlobDownloadResponseParsed, ContainerClient } from "@azure/storage-blob";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { pipeline } from "node:stream/promises";
import { verifyImagePath, type ImagePlace } from "../../lib/labeling/signedPath";
import type { GatewaySettings } from "./settings";

/** Opens a container for reading. */
export type OpenContainer = (account: string, container: string) => ContainerClient;

/** Browsers keep an image so long, in seconds; its address ends anyway. */
const cacheSeconds = 3600;

/** The server that streams the blob of a signed address, and nothing else. */
export function createGateway(settings: GatewaySettings, open: OpenContainer): Server {
  return createServer((request, response) => {
    answer(request, response, settings, open).catch((error: unknown) => fail(response, error));
  });
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  settings: GatewaySettings,
  open: OpenContainer,
): Promise<void> {
  allowOrigin(request, response, settings.origins);
  response.setHeader("x-content-type-options", "nosniff");
  // An image may be a document to a browser (SVG): it must run nothing.
  response.setHeader("content-security-policy", "default-src 'none'; sandbox");
  if (request.url === "/health") return end(response, 200, "OK");
  if (request.method === "OPTIONS") {
    response.setHeader("access-control-allow-headers", "range, if-none-match");
    response.setHeader("access-control-max-age", "600");
    return end(response, 204);
  }
  if (request.method !== "GET" && request.method !== "HEAD") return end(response, 405, "GET and HEAD alone");
  const place = verifyImagePath(request.url ?? "", settings.keys, Date.now());
  if (typeof place === "string") return end(response, 403, place);
  if (settings.containers && !settings.containers.includes(`${place.account}/${place.container}`))
    return end(response, 403, "another container");
  await stream(request, response, place, open);
}

async function stream(
  request: IncomingMessage,
  response: ServerResponse,
  { account, container, path }: ImagePlace,
  open: OpenContainer,
): Promise<void> {
  const client = open(account, container).getBlobClient(path);
  const gone = new AbortController();
  response.once("close", () => gone.abort());
  const range = rangeOf(request.headers.range);
  const ifNoneMatch = request.headers["if-none-match"];
  const options = { abortSignal: gone.signal, conditions: ifNoneMatch ? { ifNoneMatch } : undefined };
  if (range && range.offset === undefined) {
    const { contentLength = 0 } = await client.getProperties({ abortSignal: gone.signal });
    range.offset = Math.max(0, contentLength - (range.count ?? 0));
    range.count = undefined;
  }
  const isHead = request.method === "HEAD";
  const found = isHead
    ? await client.getProperties(options)
    : await client.download(range?.offset ?? 0, range?.count, options);
  const isPart = !isHead && range !== undefined;
  const headers: Record<string, string | number | undefined> = {
    "content-type": found.contentType,
    "content-length": found.contentLength,
    "content-range": isPart ? (found as BlobDownloadResponseParsed).contentRange : undefined,
    etag: found.etag,
    "last-modified": found.lastModified?.toUTCString(),
    "accept-ranges": "bytes",
    "cache-control": `private, max-age=${cacheSeconds}`,
  };
  for (const [name, value] of Object.entries(headers)) if (value !== undefined) response.setHeader(name, value);
  response.statusCode = isPart ? 206 : 200;
  const body = isHead ? undefined : (found as BlobDownloadResponseParsed).readableStreamBody;
  if (!body) return void response.end();
  await pipeline(body, response);
}

/** One range as browsers ask for it; without an offset it is the last bytes. Undefined asks for all. */
function rangeOf(header: string | undefined): { offset?: number; count?: number } | undefined {
  const [, from = "", to = ""] = /^bytes=(\d*)-(\d*)$/.exec(header ?? "") ?? [];
  if (from === "" && to === "") return undefined;
  if (from === "") return { count: Number(to) };
  const [offset, last] = [Number(from), to === "" ? undefined : Number(to)];
  if (last !== undefined && last < offset) return undefined;
  return { offset, count: last === undefined ? undefined : last - offset + 1 };
}

function allowOrigin(request: IncomingMessage, response: ServerResponse, origins: readonly string[]): void {
  response.setHeader("vary", "origin");
  const { origin } = request.headers;
  if (!origin || !origins.includes(origin)) return;
  response.setHeader("access-control-allow-origin", origin);
  response.setHeader("access-control-expose-headers", "content-length, content-range, etag");
}

const told: Record<number, string> = {
  304: "",
  404: "no such image",
  416: "the range lies outside the image",
};

/** What the storage refused; its own words may name what is nobody's business. */
function fail(response: ServerResponse, error: unknown): void {
  const { statusCode = 502, name } = error as { statusCode?: number; name?: string };
  if (response.headersSent || name === "AbortError") return void response.destroy();
  const status = told[statusCode] === undefined ? 502 : statusCode;
  if (status === 502)
    console.error(`an image could not be read: ${error instanceof Error ? error.message.split("\n")[0] : "unknown"}`);
  end(response, status, told[status] ?? "the storage did not give the image");
}

function end(response: ServerResponse, status: number, text = ""): void {
  if (status >= 400) response.setHeader("cache-control", "no-store");
  response.statusCode = status;
  if (text) response.setHeader("content-type", "text/plain; charset=utf-8");
  response.end(text);
}
