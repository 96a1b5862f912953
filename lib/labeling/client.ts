import { setTimeout as sleep } from "node:timers/promises";
import { UserError } from "../errors";
import { retryAfterMs } from "../retryAfter";
import { AccessToken } from "./accessToken";
import { causeOf, detailOf, parseAnswer } from "./answers";
import type { LabelingConnection } from "./connection";
import { NotSignedIn } from "./entraSignIn";
import { LabelStudioError, UnknownOutcome } from "./requestErrors";

type Method = "GET" | "POST" | "PATCH" | "DELETE";

export interface ClientSettings {
  /** Tries of a request that may be repeated. @default 7 */
  tries?: number;
  /** Pause after the first failure, doubled with each further one, in milliseconds. @default 250 */
  pauseMs?: number;
  /** Bounds one request, in milliseconds. @default 120000 */
  requestMs?: number;
  /** The longest pause that Label Studio may ask for by Retry-After; a longer one ends the request. @default 120000 */
  longestWaitMs?: number;
}

/** Bounds the pauses that nobody has asked for. */
const longestPauseMs = 15_000;

/** Requests to the API of one Label Studio, repeated while it is busy, restarting or out of reach, a bounded number of times. */
export class LabelStudioClient {
  private readonly token: AccessToken;
  private readonly settings: Required<ClientSettings>;

  constructor(
    private readonly connection: LabelingConnection,
    settings: ClientSettings = {},
  ) {
    this.settings = { tries: 7, pauseMs: 250, requestMs: 120_000, longestWaitMs: 120_000, ...settings };
    this.token = new AccessToken(connection, this.settings.requestMs);
  }

  get url(): string {
    return this.connection.url;
  }

  get(path: string): Promise<unknown> {
    return this.persist("GET", path, undefined, true);
  }

  patch(path: string, body: unknown): Promise<unknown> {
    return this.persist("PATCH", path, body, true);
  }

  /** What is not there counts as deleted. */
  async delete(path: string): Promise<void> {
    await this.persist("DELETE", path, undefined, true).catch((error: unknown) => {
      if (!(error instanceof LabelStudioError) || error.status !== 404) throw error;
    });
  }

  /**
   * @param repeatable whether doing it twice is as good as once; else only what was surely not done is tried again
   * @throws UnknownOutcome when it is not repeatable, and nobody knows whether it was done
   */
  post(path: string, body: unknown, repeatable: boolean): Promise<unknown> {
    return this.persist("POST", path, body, repeatable);
  }

  private async persist(method: Method, path: string, body: unknown, repeatable: boolean): Promise<unknown> {
    const { tries, pauseMs, longestWaitMs } = this.settings;
    for (let round = 1; ; round++) {
      const outcome = await this.attempt(method, path, body);
      if ("answer" in outcome) return outcome.answer;
      const { problem, advice, undone, isOver, waitMs } = outcome;
      if (!repeatable && !undone) throw new UnknownOutcome(problem, isOver);
      if (waitMs > longestWaitMs)
        throw new UserError(`${problem}. It asks to wait for ${Math.ceil(waitMs / 1000)} s: run this again then.`);
      if (round >= tries) throw new UserError(`${problem}. ${advice}`);
      const pause = pauseMs * 2 ** (round - 1) * (0.75 + Math.random() / 2);
      await sleep(Math.max(waitMs, Math.min(longestPauseMs, pause)));
    }
  }

  /** One request. @throws for what no repetition mends */
  private async attempt(method: Method, path: string, body: unknown): Promise<Attempt> {
    const what = `${method} ${this.url}${path.split("?")[0]}`;
    let answer: Response;
    let text: string;
    try {
      answer = await this.send(method, path, body);
      if (this.hasEnded(answer)) answer = await this.send(method, path, body);
      text = await answer.text();
    } catch (error) {
      if (error instanceof UserError) throw error;
      const why = causeOf(error);
      const undone = error instanceof NotSignedIn || ["ECONNREFUSED", "ENOTFOUND", "EAI_AGAIN"].includes(why);
      return {
        problem: `Label Studio at ${this.url} does not answer (${why})`,
        advice: 'Start it (locally: "npm run local:labeling"), or correct labeling.url; then run this again.',
        undone,
        isOver: false,
        waitMs: 0,
      };
    }
    if (answer.ok) return { answer: parseAnswer(text, what) };
    if (this.connection.signIn?.hasEnded(answer)) throw this.connection.signIn.refused();
    const detail = this.token.hide(detailOf(text));
    if (answer.status === 401 || answer.status === 403) throw this.token.refused(what, answer.status, detail);
    if (answer.status === 429 || answer.status >= 500) {
      return {
        problem: `${what}: Label Studio answers ${answer.status}${detail && `: ${detail}`}`,
        advice: "It is overloaded or out of order: look at its log, and run this again.",
        undone: answer.status === 429,
        // The others come from what stands before it.
        isOver: answer.status === 500,
        waitMs: retryAfterMs((name) => answer.headers.get(name)) ?? 0,
      };
    }
    throw new LabelStudioError(answer.status, `${what}: ${answer.status} ${detail}`);
  }

  /** Whether something that lets one in for some time does so no more; it is asked for anew. */
  private hasEnded(answer: Response): boolean {
    return this.connection.signIn?.hasEnded(answer) || (answer.status === 401 && this.token.renew());
  }

  private async send(method: Method, path: string, body: unknown): Promise<Response> {
    const { signIn } = this.connection;
    const authorization = await this.token.header();
    const type: Record<string, string> = body === undefined ? {} : { "content-type": "application/json" };
    return fetch(`${this.url}${path}`, {
      method,
      headers: { authorization, ...type, ...(await signIn?.headers()) },
      body: body === undefined ? undefined : JSON.stringify(body),
      // What stands before it leads to a page for people.
      redirect: signIn ? "manual" : "follow",
      signal: AbortSignal.timeout(this.settings.requestMs),
    });
  }
}

type Attempt =
  | { answer: unknown }
  /** Undone is what was surely not done. */
  | { problem: string; advice: string; undone: boolean; isOver: boolean; waitMs: number };
