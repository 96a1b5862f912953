import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { ReadableStream } from "node:stream/web";
import { verifyImagePath, type ImagePlace } from "../../lib/labeling/signedPath";
import type { AskBlob } from "./blobs";
import type { GatewaySettings } from "./settings";

/** Browsers keep an image so long, in seconds; its address ends anyway. */
const cacheSeconds = 3600;

/** The server that streams the blob of a signed address, and nothing else. */
export function createGateway(settings: GatewaySettings, ask: AskBlob): Server {
  return createServer((request, response) => {
    answer(request, response, settings, ask).catch((error: unknown) => fail(response, error));
  });
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  settings: GatewaySettings,
  ask: AskBlob,
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
  await stream(request, response, place, ask);
}

async function stream(
  request: IncomingMessage,
  response: ServerResponse,
  place: ImagePlace,
  ask: AskBlob,
): Promise<void> {
  const gone = new AbortController();
  response.once("close", () => gone.abort());
  const { range, "if-none-match": known = "" } = request.headers;
  const isHead = request.method === "HEAD";
  const found = await ask(place, {
    method: isHead ? "HEAD" : "GET",
    headers: {
      // The storage takes one tag alone, which is what browsers have of it.
      ...(/^"[^"]*"$/.test(known) ? { "if-none-match": known } : {}),
      ...(isHead ? {} : await wantedRange(range, place, ask, gone.signal)),
    },
    signal: gone.signal,
  });
  if (!found.ok) {
    await found.body?.cancel();
    return refuse(response, found.status, `the storage answers ${found.status}`);
  }
  for (const name of handedOn) {
    const value = found.headers.get(name);
    if (value !== null) response.setHeader(name, value);
  }
  response.setHeader("accept-ranges", "bytes");
  response.setHeader("cache-control", `private, max-age=${cacheSeconds}`);
  response.statusCode = found.status;
  if (isHead || !found.body) return void response.end();
  await pipeline(Readable.fromWeb(found.body as ReadableStream<Uint8Array>), response);
}

/** What of the storage's answer the browser gets. */
const handedOn = ["content-type", "content-length", "content-range", "etag", "last-modified"];

/** One range as browsers ask for it; anything else asks for all. The storage counts from the beginning alone. */
async function wantedRange(
  header: string | undefined,
  place: ImagePlace,
  ask: AskBlob,
  signal: AbortSignal,
): Promise<Record<string, string>> {
  const [, from = "", to = ""] = /^bytes=(\d*)-(\d*)$/.exec(header ?? "") ?? [];
  if (from === "" ? !(Number(to) > 0) : to !== "" && Number(to) < Number(from)) return {};
  if (from !== "") return { range: `bytes=${from}-${to}` };
  const { headers } = await ask(place, { method: "HEAD", headers: {}, signal });
  return { range: `bytes=${Math.max(0, Number(headers.get("content-length")) - Number(to))}-` };
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
function refuse(response: ServerResponse, answered: number, why: string): void {
  const status = told[answered] === undefined ? 502 : answered;
  if (status === 502) console.error(`an image could not be read: ${why}`);
  end(response, status, told[status] ?? "the storage did not give the image");
}

function fail(response: ServerResponse, error: unknown): void {
  const { name, message, cause } = error as Error & { cause?: { code?: string } };
  if (response.headersSent || name === "AbortError") return void response.destroy();
  refuse(response, 502, cause?.code ?? message?.split("\n")[0] ?? "unknown");
}

function end(response: ServerResponse, status: number, text = ""): void {
  if (status >= 400) response.setHeader("cache-control", "no-store");
  response.statusCode = status;
  if (text) response.setHeader("content-type", "text/plain; charset=utf-8");
  response.end(text);
}
