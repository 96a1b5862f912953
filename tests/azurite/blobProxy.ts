import { createServer, request, type IncomingHttpHeaders, type Server } from "node:http";
import type { AddressInfo } from "node:net";

export interface BlobRequest {
  method: string;
  /** Path with query. */
  url: string;
  headers: IncomingHttpHeaders;
  body: Buffer;
}

/** What happens to a request instead of being passed on as it is. */
export type Interference =
  { status: number; headers?: Record<string, string>; code?: string } | { body: Buffer } | "reset" | undefined;

/** Stands in front of a blob service, counts, and lets requests go wrong as it is told. */
export class BlobProxy {
  readonly requests: BlobRequest[] = [];
  /** Most requests that were under way at once, since it was last set to 0. */
  mostAtOnce = 0;

  private readonly passedOn: Promise<void>[] = [];

  private constructor(
    private readonly server: Server,
    readonly endpoint: string,
  ) {}

  static async start(
    target: string,
    interfere: (request: BlobRequest, number: number) => Interference | Promise<Interference> = () => undefined,
  ): Promise<BlobProxy> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const proxy = new BlobProxy(server, `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    let running = 0;
    server.on("request", (incoming, outgoing) => {
      running++;
      proxy.mostAtOnce = Math.max(proxy.mostAtOnce, running);
      outgoing.once("close", () => running--);
      const chunks: Buffer[] = [];
      incoming.on("data", (chunk: Buffer) => chunks.push(chunk));
      incoming.on("end", () => {
        const { method = "", url = "", headers } = incoming;
        const seen = { method, url, headers, body: Buffer.concat(chunks) };
        const number = proxy.requests.push(seen) - 1;
        void Promise.resolve(interfere(seen, number)).then((what) => {
          if (what === "reset") return incoming.socket.destroy();
          if (what && "status" in what) {
            outgoing.writeHead(what.status, { "x-ms-error-code": what.code ?? "ServerBusy", ...what.headers });
            return outgoing.end();
          }
          let answered = () => {};
          proxy.passedOn.push(new Promise((resolve) => (answered = resolve)));
          const passedOn = request(`${target}${url}`, { method, headers }, (answer) => {
            outgoing.writeHead(answer.statusCode ?? 500, answer.headers);
            answer.once("close", answered);
            answer.pipe(outgoing);
            // Read to its end, also when nobody waits for it any more.
            outgoing.once("close", () => answer.resume());
            if (outgoing.destroyed) answer.resume();
          });
          passedOn.on("error", () => {
            answered();
            incoming.socket.destroy();
          });
          passedOn.end(what?.body ?? seen.body);
        });
      });
    });
    return proxy;
  }

  count(method: string, matching = /./): number {
    return this.requests.filter((seen) => seen.method === method && matching.test(seen.url)).length;
  }

  /** Breaks all connections; resolves when the service has answered what it had been sent before. */
  async stop(): Promise<void> {
    const closed = new Promise((resolve) => this.server.close(resolve));
    this.server.closeAllConnections();
    await closed;
    await Promise.all(this.passedOn);
  }
}
