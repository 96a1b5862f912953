import { randomUUID } from "node:crypto";

/** Which requests go wrong. What is left out matches all. */
export interface FaultMatch {
  /** @default "cloud" */
  service?: "cloud" | "blobs";
  method?: string;
  /** A regular expression that is looked for in path and query, without case. */
  path?: string;
}

/** What happens to a request in place of its answer, or to its answer. */
export type Fault =
  | { status: number; retryAfter?: number; code?: string; message?: string }
  /** The connection is cut before anything is done. */
  | { reset: true }
  /** The request waits for so long in real time, and is then done. */
  | { slowMs: number }
  /** The request is done, and the connection is cut in the midst of the answer. */
  | { truncate: true };

export interface FaultRule {
  id: string;
  match: FaultMatch;
  /** How many requests go wrong. */
  count: number;
  fault: Fault;
  /** How many have. */
  fired: number;
}

/** Rules in the order in which they were made; each request uses up one of the first that matches. */
export class FaultList {
  private rules: FaultRule[] = [];

  list(): readonly FaultRule[] {
    return this.rules;
  }

  add({ match, count, fault }: Pick<FaultRule, "match" | "count" | "fault">): FaultRule {
    const rule = { id: randomUUID(), match, count, fault, fired: 0 };
    this.rules.push(rule);
    return rule;
  }

  /** Takes the rules of another list over, with what they have fired. */
  replace(rules: readonly FaultRule[]): void {
    this.rules = rules.map((rule) => ({ ...rule }));
  }

  clear(): void {
    this.rules = [];
  }

  /** Notes that a rule has fired in another process. */
  count(id: string): void {
    const rule = this.rules.find((candidate) => candidate.id === id);
    if (rule) rule.fired++;
  }

  /** The rule that a request of a service meets, which has then fired once more. */
  take(service: "cloud" | "blobs", method: string, url: string): FaultRule | undefined {
    const rule = this.rules.find(
      ({ match, count, fired }) =>
        fired < count &&
        (match.service ?? "cloud") === service &&
        (match.method === undefined || match.method.toUpperCase() === method.toUpperCase()) &&
        (match.path === undefined || new RegExp(match.path, "i").test(url)),
    );
    if (rule) rule.fired++;
    return rule;
  }
}
