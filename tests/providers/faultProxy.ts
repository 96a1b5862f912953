import { readFileSync } from "node:fs";
import { createServer, request, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import { dirname, join } from "node:path";
import type { CloudRecord } from "../../local/environment";

/** What happens to a request instead of an answer. */
export type Fault = { status: number; headers?: Record<string, string> } | "reset";

/** Stands in front of a local cloud, with its certificate, and lets requests go wrong as it is told. */
export class FaultProxy {
  /** Requests to Resource Manager that it has seen. */
  seen = 0;
  /** Bodies of PUT requests, by path. */
  readonly written = new Map<string, unknown>();

  private constructor(
    private readonly server: Server,
    /** The cloud as clients see it through here. */
    readonly record: CloudRecord,
  ) {}

  /** @param faultOf asked for each request to Resource Manager, by its number from 0 */
  static async start(
    cloud: CloudRecord,
    faultOf: (number: number, method: string) => Fault | undefined,
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
    server.on("request", (incoming, outgoing) => {
      const isArm = incoming.url?.startsWith("/subscriptions/") ?? false;
      const fault = isArm ? faultOf(proxy.seen++, incoming.method ?? "") : undefined;
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
            const { "content-length": _, "transfer-encoding": __, ...headers } = answer.headers;
            outgoing.writeHead(answer.statusCode ?? 500, headers);
            outgoing.end(ours);
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
