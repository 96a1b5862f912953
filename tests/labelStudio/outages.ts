import type { ChildProcess } from "node:child_process";
import type { Outcome } from "../providers/driver";
import type { StudioFault, StudioProxy } from "./studioProxy";

/** A request to Label Studio with which a step begins. */
export type Step = [method: string, path: RegExp];

/** A run in a process of its own; it ends with nothing when it was killed. */
export interface Run<State> {
  child: ChildProcess;
  ended: Promise<Outcome<State> | undefined>;
}

export interface Passed<State> {
  /** What the run has said, by what became of Label Studio. */
  messages: Record<string, string>;
  /** Of the run that was let alone. */
  last: Outcome<State>;
}

/** From the first request of a step on, Label Studio does this to all requests. */
const outages: [what: string, fault: StudioFault, message: RegExp][] = [
  ["is down", "request lost", /does not answer \((ECONNRESET|other side closed|UND_ERR_SOCKET)\).*run this again/],
  ["refuses the token", { status: 401 }, /refuses the token of LABEL_STUDIO_API_KEY.*Set it to a token/],
  ["is overloaded", { status: 429 }, /Label Studio answers 429: made by the test.*run this again/],
  ["fails", { status: 500 }, /Label Studio answers 500: made by the test.*run this again/],
];

/**
 * Every outage from a step's first request on, then a kill before and after it is done; then a run that is let alone.
 * @param secret what no run may tell
 */
export async function goThrough<State>(
  proxy: StudioProxy,
  [method, path]: Step,
  secret: string,
  begin: () => Run<State>,
): Promise<Passed<State>> {
  const messages: Record<string, string> = {};
  const isStep = (asked: string, url: string) => asked === method && path.test(url);
  for (const [what, fault] of outages) {
    let hit = false;
    proxy.faultOf = (asked, url) => ((hit ||= isStep(asked, url)) ? fault : undefined);
    const ended = await begin().ended;
    messages[what] = ended?.thrown?.message ?? `it ended well: ${ended?.printed}`;
    expect(JSON.stringify(ended)).not.toContain(secret);
  }
  for (const when of ["request lost", "answer lost"] as const) {
    const run: { child?: ChildProcess } = {};
    proxy.faultOf = (asked, url) => {
      if (!isStep(asked, url)) return undefined;
      run.child?.kill("SIGKILL");
      return when;
    };
    const { child, ended } = begin();
    run.child = child;
    expect(await ended).toBeUndefined();
  }
  proxy.faultOf = () => undefined;
  const last = await begin().ended;
  if (!last || last.thrown) throw new Error(last?.thrown?.message);
  return { messages, last };
}

/** Each outage was told, with what to do. */
export function expectClear(messages: Record<string, string>): void {
  for (const [what, , message] of outages) expect(`${what}: ${messages[what]}`).toMatch(message);
}
