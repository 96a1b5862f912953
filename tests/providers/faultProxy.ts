import { readFileSync } from "node:fs";
import { createServer, request, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import { dirname, join } from "node:path";
import type { CloudRecord } from "../../local/environment";

/** What happens to a request instead of an answer. */
export type Fault = { status: number; headers?: Record<string, string> } | "reset";

/** Tokens that are good for a short time only, as the identity endpoint says and as Resource Manager holds them to. */
export interface ShortTokens {
  seconds: number;
  /** Whether the identity endpoint is out of order, asked for each request to it by its number from 0. */
  fails(number: number): boolean;
}

/** Stands in front of a local cloud, with its certificate, and lets requests go wrong as it is told. */
export class FaultProxy {
  /** Requests to Resource Manager that it has seen. */
  seen = 0;
  /** Bodies of PUT requests, by path. */
  readonly written = new Map<string, unknown>();
  /** Requests for a token that it has seen. */
  tokensAsked = 0;

  private constructor(
    private readonly server: Server,
    /** The cloud as clients see it through here. */
    readonly record: CloudRecord,
  ) {}

  /** @param faultOf asked for each request to Resource Manager, by its number from 0 */
  static async start(
    cloud: CloudRecord,
    faultOf: (number: number, method: string) => Fault | undefined,
    tokens?: ShortTokens,
  ): Promise<FaultProxy> {
    const folder = dirname(cloud.caFile);
    const ca = readFileSync(cloud.caFile);
    const server = createServer({
      key: readFileSync(join(folder, "localhost.key")),
      cert: readFileSync(join(folder, "localhost.pem")),
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const url = `https://localhost:${(server.address() as AddressInfo).port}`;
    const proxy = new FaultProxy(server, { ...cloud, url });
    const goodUntil = new Map<string, number>();
    server.on("request", (incoming, outgoing) => {
      const isArm = incoming.url?.startsWith("/subscriptions/") ?? false;
      const isIdentity = incoming.url?.startsWith("/msi/token") ?? false;
      const isExpired = isArm && Date.now() > (goodUntil.get(incoming.headers.authorization ?? "") ?? Infinity);
      const outage: Fault | undefined = isIdentity && tokens?.fails(proxy.tokensAsked++) ? { status: 500 } : undefined;
      const fault: Fault | undefined = isExpired
        ? { status: 401 }
        : isArm
          ? faultOf(proxy.seen++, incoming.method ?? "")
          : outage;
      if (fault === "reset") return incoming.socket.destroy();
      if (fault) {
        outgoing.writeHead(fault.status, { "content-type": "application/json", ...fault.headers });
        return outgoing.end(JSON.stringify({ error: { code: "Fault", message: "made by the test" } }));
      }
      const forwarded = request(
        `${cloud.url}${incoming.url}`,
        { method: incoming.method, headers: { ...incoming.headers, host: new URL(cloud.url).host }, ca },
        (answer) => {
          const chunks: Buffer[] = [];
          answer.on("data", (chunk: Buffer) => chunks.push(chunk));
          answer.on("end", () => {
            // The metadata document leads back to here; what is an audience stays what it is.
            const body = Buffer.concat(chunks).toString("utf8");
            const ours = incoming.url?.startsWith("/metadata/")
              ? body.replaceAll(`"resourceManager":"${cloud.url}/"`, `"resourceManager":"${url}/"`)
              : body;
            const renewed = isIdentity && tokens ? shortened(body, tokens.seconds, goodUntil) : ours;
            const { "content-length": _, "transfer-encoding": __, ...headers } = answer.headers;
            outgoing.writeHead(answer.statusCode ?? 500, headers);
            outgoing.end(renewed);
          });
        },
      );
      forwarded.on("error", () => outgoing.destroy());
      const sent: Buffer[] = [];
      incoming.on("data", (chunk: Buffer) => sent.push(chunk));
      incoming.on("end", () => {
        const body = Buffer.concat(sent).toString("utf8");
        if (incoming.method === "PUT") proxy.written.set(incoming.url?.split("?")[0] ?? "", JSON.parse(body));
      });
      incoming.pipe(forwarded);
    });
    return proxy;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }
}

/** The answer of the identity endpoint with an earlier end, which is noted beside the token. */
function shortened(body: string, seconds: number, goodUntil: Map<string, number>): string {
  const answer = JSON.parse(body) as { access_token: string; expires_on: string };
  const end = Math.floor(Date.now() / 1000) + seconds;
  goodUntil.set(`Bearer ${answer.access_token}`, end * 1000);
  return JSON.stringify({ ...answer, expires_on: String(end) });
}
