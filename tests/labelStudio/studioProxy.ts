import { createServer, request, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";

/** What becomes of a request: refused, lost on its way, or done with its answer lost. */
export type StudioFault = { status: number; retryAfter?: number } | "request lost" | "answer lost";

/** Stands in front of a real Label Studio, and lets requests go wrong as it is told. */
export class StudioProxy {
  /** Asked for each request. */
  faultOf: (method: string, path: string) => StudioFault | undefined = () => undefined;

  private constructor(
    private readonly server: Server,
    readonly url: string,
  ) {}

  static async start(studioUrl: string): Promise<StudioProxy> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const proxy = new StudioProxy(server, `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    server.on("request", (incoming, outgoing) => {
      void (async () => {
        const body = await buffer(incoming);
        const fault = proxy.faultOf(incoming.method ?? "", incoming.url ?? "");
        if (fault === "request lost") return incoming.socket.destroy();
        if (fault && fault !== "answer lost") {
          const { status, retryAfter = 0 } = fault;
          outgoing.writeHead(status, { "content-type": "application/json", "retry-after": String(retryAfter) });
          return outgoing.end(JSON.stringify({ detail: "made by the test" }));
        }
        const answer = await forward(`${studioUrl}${incoming.url}`, incoming, body);
        if (fault === "answer lost") return incoming.socket.destroy();
        const { "content-length": _, "transfer-encoding": __, ...headers } = answer.headers;
        outgoing.writeHead(answer.statusCode ?? 502, headers);
        outgoing.end(await buffer(answer));
      })().catch(() => outgoing.destroy());
    });
    return proxy;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }
}

function forward(url: string, { method, headers }: IncomingMessage, body: Buffer): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const { connection: _, host: __, ...kept } = headers;
    request(url, { method, headers: kept }, resolve).on("error", reject).end(body);
  });
}
