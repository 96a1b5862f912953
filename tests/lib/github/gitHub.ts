import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";

interface Comment {
  id: number;
  body: string;
  html_url: string;
  /** Whether it may be edited. */
  own: boolean;
}

interface Issue {
  number: number;
  title: string;
  body: string;
  labels: string[];
  state: "open" | "closed";
  html_url: string;
}

/** The part of GitHub's REST API that comments and issues need. */
export class GitHub {
  readonly comments: Comment[] = [];
  readonly issues: Issue[] = [];
  readonly requests: string[] = [];
  /** Answers to the next requests, in place of what would be answered. */
  readonly failures: { status: number; retryAfter?: string }[] = [];

  private constructor(private readonly server: Server) {}

  static async start(token: string): Promise<GitHub> {
    const server = createServer((request, response) => {
      let text = "";
      request.on("data", (chunk: Buffer) => (text += chunk.toString("utf8")));
      request.on("end", () => {
        const answer = (status: number, body: unknown, headers: Record<string, string> = {}) => {
          response.writeHead(status, { "content-type": "application/json", ...headers });
          response.end(JSON.stringify(body));
        };
        const url = new URL(request.url ?? "", "http://localhost");
        hub.requests.push(`${request.method} ${url.pathname}${url.search}`);
        const failure = hub.failures.shift();
        if (failure)
          return answer(
            failure.status,
            { message: "later" },
            failure.retryAfter ? { "retry-after": failure.retryAfter } : {},
          );
        if (request.headers.authorization !== `Bearer ${token}`) return answer(401, { message: "Bad credentials" });
        const { body } = (text ? JSON.parse(text) : {}) as { body?: string };
        if (body !== undefined && body.length > 65_536) return answer(422, { message: "body is too long" });
        const [, id] = /^\/repos\/acme\/detector\/issues\/comments\/(\d+)$/.exec(url.pathname) ?? [];
        if (id !== undefined && request.method === "PATCH") {
          const comment = hub.comments.find((other) => other.id === Number(id));
          if (!comment) return answer(404, { message: "Not Found" });
          if (!comment.own) return answer(403, { message: "Must have admin rights" });
          comment.body = body ?? "";
          return answer(200, comment);
        }
        const [, issue] = /^\/repos\/acme\/detector\/issues(\/\d+)?$/.exec(url.pathname)
          ? url.pathname.split("/issues")
          : [];
        if (issue !== undefined) {
          const change = (text ? JSON.parse(text) : {}) as Partial<Issue>;
          if (request.method === "POST") return answer(201, hub.open(change));
          if (request.method === "PATCH")
            return answer(200, Object.assign(hub.issues[Number(issue.slice(1)) - 1] ?? {}, change));
          const label = url.searchParams.get("labels") ?? "";
          return answer(
            200,
            hub.issues.filter(({ state, labels }) => state === "open" && labels.includes(label)),
          );
        }
        if (url.pathname !== "/repos/acme/detector/issues/7/comments") return answer(404, { message: "Not Found" });
        if (request.method === "POST") return answer(201, hub.add(body ?? ""));
        const [size, page] = ["per_page", "page"].map((name) => Number(url.searchParams.get(name)));
        return answer(200, hub.comments.slice((page - 1) * size, page * size));
      });
    });
    const hub = new GitHub(server);
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return hub;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  add(body: string, own = true): Comment {
    const id = this.comments.length + 1;
    const comment = { id, body, own, html_url: `https://github.com/acme/detector/pull/7#issuecomment-${id}` };
    this.comments.push(comment);
    return comment;
  }

  open(issue: Partial<Issue>): Issue {
    const number = this.issues.length + 1;
    const html_url = `https://github.com/acme/detector/issues/${number}`;
    const opened: Issue = { title: "", body: "", labels: [], ...issue, number, html_url, state: "open" };
    this.issues.push(opened);
    return opened;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }
}
