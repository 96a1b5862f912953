import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import type { Task } from "../../../lib/labeling/wire";

/** What happens to an import: it is done and its answer lost, lost before it is done, done late, or refused. */
export type ImportFault = "answer lost" | "request lost" | "late" | 429 | 500 | "500 after half" | 400;

/** The part of Label Studio that keeps projects and tasks, as it was observed: imports are not told apart, ids rise. */
export class FakeStudio {
  readonly tasks: Task[] = [];
  readonly annotated = new Set<number>();
  readonly requests: string[] = [];
  faults: ImportFault[] = [];
  /** Without their tasks, which are those of all. */
  projects: ({ id: number } & Record<string, unknown>)[] = [];
  private nextId = 1;

  private constructor(private readonly server: Server) {}

  static async start(): Promise<FakeStudio> {
    const server = createServer();
    const studio = new FakeStudio(server);
    server.on("request", (request, response) => {
      void (async () => {
        studio.requests.push(`${request.method} ${request.url}`);
        const url = new URL(request.url ?? "", "http://studio");
        const body = JSON.parse((await text(request)) || "null") as unknown;
        const answer = (status: number, value: unknown, headers = {}) =>
          response.writeHead(status, { "content-type": "application/json", ...headers }).end(JSON.stringify(value));
        const other = studio.aboutProjects(`${request.method} ${url.pathname}`, body);
        if (other !== undefined) return answer(request.method === "POST" ? 201 : 200, other);
        if (url.pathname.endsWith("/import")) {
          const tasks = body as Omit<Task, "id">[];
          const fault = studio.faults.shift();
          const add = (added: typeof tasks) => added.forEach((task) => studio.add(task));
          if (fault === undefined || fault === "answer lost") add(tasks);
          if (fault === "late") setTimeout(() => add(tasks), 700);
          if (fault === "500 after half") add(tasks.slice(0, tasks.length / 2));
          if (typeof fault === "number")
            return answer(fault, { detail: `fault ${fault}` }, fault === 429 ? { "retry-after": "0" } : {});
          if (fault === "500 after half") return answer(500, { detail: "database is locked" });
          return fault === undefined ? answer(201, { task_count: tasks.length }) : request.socket.destroy();
        }
        if (url.pathname === "/api/tasks/") {
          const query = JSON.parse(url.searchParams.get("query") ?? "{}") as {
            filters: { items: { filter: string; operator: string; value: number }[] };
          };
          const after = query.filters.items[0]?.value ?? 0;
          const wantsWork = query.filters.items.some(
            ({ filter, operator }) => /_(annotations|predictions)$/.test(filter) && operator === "greater",
          );
          const found = studio.tasks.filter(({ id }) => id > after && (!wantsWork || studio.annotated.has(id)));
          return answer(200, { total: found.length, tasks: found.slice(0, Number(url.searchParams.get("page_size"))) });
        }
        const id = Number(/^\/api\/tasks\/(\d+)\/$/.exec(url.pathname)?.[1]);
        const index = studio.tasks.findIndex((task) => task.id === id);
        const task = studio.tasks[index];
        if (!task) return answer(404, { detail: "Not found." });
        if (request.method === "PATCH") Object.assign(task, body);
        if (request.method === "DELETE") studio.tasks.splice(index, 1);
        return answer(200, { ...task, annotations: studio.annotated.has(id) ? [{}] : [], drafts: [] });
      })();
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    return studio;
  }

  /** Undefined for what is about something else. */
  private aboutProjects(asked: string, body: unknown): unknown {
    if (asked === "GET /api/projects/") return { results: this.projects, next: null };
    if (asked === "GET /api/users/") return [];
    if (asked === "GET /api/invite") return { invite_url: "/user/signup/?token=invited" };
    const at = this.projects.findIndex(({ id }) => asked.endsWith(`/api/projects/${id}/`));
    const annotations = { total_annotations_number: this.annotated.size, skipped_annotations_number: 0 };
    if (asked.startsWith("GET") && at >= 0) return { ...this.projects[at], ...annotations };
    if (asked.startsWith("DELETE") && at >= 0) return this.projects.splice(at, 1);
    if (asked.startsWith("PATCH") && at >= 0) return Object.assign(this.projects[at] ?? {}, body);
    if (asked !== "POST /api/projects/") return undefined;
    const project = { ...(body as object), id: this.projects.length + 1 };
    this.projects.push(project);
    return project;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  add(task: Omit<Task, "id">): number {
    this.tasks.push({ ...task, id: this.nextId });
    return this.nextId++;
  }

  stop(): void {
    this.server.closeAllConnections();
    this.server.close();
  }
}
