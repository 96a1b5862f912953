import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** What a request meets instead of a plain answer. */
export type Trouble =
  | { status: number; headers?: Record<string, string> }
  /** The connection breaks after so many bytes of the body. */
  | { cutAfter: number }
  /** Nothing more comes after so many bytes, and the connection stays. */
  | { stallAfter: number }
  /** The answer says that it begins elsewhere than it was asked to. */
  | { wrongStart: number }
  | undefined;

/** Serves files with ranges as an object store does, as well as it is let. */
export class FileServer {
  readonly requests: { path: string; range: string | undefined }[] = [];
  readonly files = new Map<string, { content: Buffer; etag: string }>();
  /** Asked for each request, by its number from 0. */
  trouble: (number: number, path: string) => Trouble = () => undefined;
  knowsRanges = true;

  private constructor(private readonly server: Server) {
    server.on("request", (request, response) => this.answer(request, response));
  }

  static async start(): Promise<FileServer> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return new FileServer(server);
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  stop(): Promise<void> {
    this.server.closeAllConnections();
    return new Promise((resolve) => this.server.close(() => resolve()));
  }

  private answer({ url: path = "", headers }: IncomingMessage, response: ServerResponse): void {
    const trouble = this.trouble(this.requests.push({ path, range: headers.range }) - 1, path);
    const file = this.files.get(path);
    if (trouble && "status" in trouble) return void response.writeHead(trouble.status, trouble.headers).end();
    if (!file) return void response.writeHead(404).end();
    const { content, etag } = file;
    const asked = this.knowsRanges && headers["if-range"] === etag ? /^bytes=(\d+)-$/.exec(headers.range ?? "") : null;
    const start = Number(asked?.[1] ?? 0);
    if (start > content.length) return void response.writeHead(416).end();
    const said = trouble && "wrongStart" in trouble ? trouble.wrongStart : start;
    const body = content.subarray(start);
    response.writeHead(asked ? 206 : 200, {
      etag,
      "content-length": body.length,
      ...(asked ? { "content-range": `bytes ${said}-${content.length - 1}/${content.length}` } : {}),
    });
    if (trouble && "cutAfter" in trouble) {
      response.write(body.subarray(0, trouble.cutAfter), () => response.destroy());
    } else if (trouble && "stallAfter" in trouble) response.write(body.subarray(0, trouble.stallAfter));
    else response.end(body);
  }
}
