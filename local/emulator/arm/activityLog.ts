import { randomUUID } from "node:crypto";
import { appendFile, readFile, rename, stat } from "node:fs/promises";
import { ArmError, type Cloud, type Principal } from "../contracts";
import { resourceGroupOf } from "./ids";
import { paged } from "./pages";
import type { ScopeOperation } from "./scopeOperation";

/** Who asked for what; stays with an operation to its end. */
export interface LoggedRequest {
  principal: Principal;
  method: string;
  /** Permission that was asked for, for example `Microsoft.Storage/storageAccounts/write`. */
  action: string;
  resourceId: string;
  correlationId: string;
  clientRequestId?: string;
}

interface Event extends LoggedRequest {
  id: string;
  at: string;
  status: string;
  subStatus: string;
  httpStatus?: number;
}

/** Of Azure. */
const retentionMs = 90 * 24 * 60 * 60 * 1000;
/** Bytes after which a file is set aside; the one that was set aside before goes. */
const largestFile = 2 * 1024 * 1024;

/**
 * Writes, deletions and actions at Resource Manager, the last ones. Beside the database, which so stays as large as what it
 * holds: a line an event, in a file that is set aside when it is full.
 */
export class ActivityLog {
  private waiting: string[] = [];
  private written: Promise<void> = Promise.resolve();

  constructor(
    private readonly cloud: Cloud,
    private readonly file: string,
  ) {}

  /** @param outcome with the status of the answer; without one for the end of a long-running operation */
  record(
    request: LoggedRequest,
    status: "Accepted" | "Succeeded" | "Failed",
    { httpStatus, code }: { httpStatus?: number; code?: string } = {},
  ): void {
    const event: Event = {
      ...request,
      id: randomUUID(),
      at: this.cloud.now().toISOString(),
      status,
      subStatus: code ?? "",
      ...(httpStatus ? { httpStatus } : {}),
    };
    this.waiting.push(`${JSON.stringify(event)}\n`);
    // Nobody waits for the log: a request that was answered and is missing in it does no harm.
    if (this.waiting.length === 1)
      this.written = this.written
        .then(() => this.write())
        .catch((error: unknown) => this.cloud.log.warn({ err: error }, "activity not logged"));
  }

  /** Newest first. */
  async list(): Promise<Event[]> {
    await this.written;
    const oldest = new Date(this.cloud.now().getTime() - retentionMs).toISOString();
    const texts = await Promise.all(
      [`${this.file}.1`, this.file].map((file) => readFile(file, "utf8").catch(() => "")),
    );
    return texts
      .join("")
      .split("\n")
      .flatMap(eventOf)
      .filter(({ at }) => at >= oldest)
      .reverse();
  }

  private async write(): Promise<void> {
    const lines = this.waiting.join("");
    this.waiting = [];
    await appendFile(this.file, lines, { mode: 0o600 });
    if ((await stat(this.file)).size > largestFile) await rename(this.file, `${this.file}.1`);
  }
}

/** A kill may have cut a line short. */
function eventOf(line: string): Event[] {
  try {
    return line === "" ? [] : [JSON.parse(line) as Event];
  } catch {
    return [];
  }
}

/** https://learn.microsoft.com/rest/api/monitor/activity-logs/list */
export function activityLogOperations(cloud: Cloud, log: ActivityLog): ScopeOperation[] {
  return [
    {
      method: "GET",
      path: "/subscriptions/{subscription}/providers/Microsoft.Insights/eventtypes/management/values",
      apiVersions: ["2014-04-01", "2015-04-01"],
      permission: "Microsoft.Insights/eventtypes/values/read",
      gap: "the last events of Resource Manager, some thousands; none of the data planes",
      async answer({ path, query }) {
        const wanted = filterOf(query.$filter ?? "");
        const fields = query.$select?.split(",").map((name) => name.trim());
        const found = (await log.list()).map((event) => answerOf(event, cloud)).filter(wanted);
        const picked = found.map((event) => (fields ? pick(event, fields) : event));
        return { status: 200, body: paged(picked, path, query, cloud.url, 200) };
      },
    },
  ];
}

type Answered = ReturnType<typeof answerOf>;

function answerOf(event: Event, { tenantId, subscriptionId }: Cloud) {
  const { id, at, principal, action, resourceId, correlationId, status, subStatus, httpStatus, method } = event;
  const named = (value: string) => ({ value, localizedValue: value });
  return {
    id: `${resourceId}/events/${id}/ticks/${Date.parse(at) * 10_000 + 621_355_968_000_000_000}`,
    eventDataId: id,
    eventTimestamp: at,
    submissionTimestamp: at,
    caller: principal.clientId,
    claims: {
      appid: principal.clientId,
      name: principal.name,
      "http://schemas.microsoft.com/identity/claims/objectidentifier": principal.objectId,
    },
    authorization: { action, scope: resourceId },
    category: named("Administrative"),
    channels: "Operation",
    correlationId,
    operationId: correlationId,
    eventName: named("EndRequest"),
    level: status === "Failed" ? "Error" : "Informational",
    operationName: named(action),
    resourceGroupName: resourceGroupOf(resourceId)?.split("/").at(-1) ?? "",
    resourceProviderName: named(action.split("/")[0] ?? ""),
    resourceType: named(action.split("/").slice(0, -1).join("/")),
    resourceId,
    status: named(status),
    subStatus: named(subStatus),
    httpRequest: { clientRequestId: event.clientRequestId ?? "", clientIpAddress: "127.0.0.1", method },
    properties: { ...(httpStatus ? { statusCode: String(httpStatus) } : {}), entity: resourceId, message: action },
    subscriptionId,
    tenantId,
  };
}

function pick(event: Answered, fields: readonly string[]): Partial<Answered> {
  return Object.fromEntries(Object.entries(event).filter(([name]) => fields.includes(name)));
}

/** @throws ArmError 400 for a filter without a beginning in time, or with other terms than Azure has */
function filterOf(filter: string): (event: Answered) => boolean {
  const terms = filter.split(/\s+and\s+/i).filter(Boolean);
  if (!terms.some((term) => /^eventTimestamp\s+ge/i.test(term.trim()))) {
    throw new ArmError(
      400,
      "BadRequest",
      "The $filter needs a beginning in time: eventTimestamp ge '2026-01-01T00:00:00Z'.",
      "$filter",
    );
  }
  const tests = terms.map((term): ((event: Answered) => boolean) => {
    const [, name = "", operator = "", value = ""] = /^(\w+)\s+(eq|ge|le)\s+'?(.*?)'?$/i.exec(term.trim()) ?? [];
    const same = (text: string) => text.toLowerCase() === value.toLowerCase();
    switch (`${name} ${operator}`.toLowerCase()) {
      case "eventtimestamp ge":
        return ({ eventTimestamp }) => Date.parse(eventTimestamp) >= Date.parse(value);
      case "eventtimestamp le":
        return ({ eventTimestamp }) => Date.parse(eventTimestamp) <= Date.parse(value);
      case "resourcegroupname eq":
        return ({ resourceGroupName }) => same(resourceGroupName);
      case "resourceuri eq":
      case "resourceid eq":
        return ({ resourceId }) => same(resourceId);
      case "resourceprovider eq":
        return ({ resourceProviderName }) => same(resourceProviderName.value);
      case "correlationid eq":
        return ({ correlationId }) => same(correlationId);
    }
    throw new ArmError(400, "BadRequest", `The $filter has the unknown term '${term}'.`, "$filter");
  });
  return (event) => tests.every((test) => test(event));
}
