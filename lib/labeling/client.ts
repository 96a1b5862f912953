import { setTimeout as sleep } from "node:timers/promises";
import { UserError } from "../errors";
import { retryAfterMs } from "../retryAfter";
import type { LabelingConnection } from "./connection";
import { NotSignedIn } from "./entraSignIn";

type Method = "GET" | "POST" | "PATCH" | "DELETE";

/** A refusal of Label Studio: the request was understood and not done. */
export class LabelStudioError extends Error {
  override readonly name = "LabelStudioError";
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
  }
}

/** A request that changes something and had no good answer: it may have been done, or be done later. */
export class UnknownOutcome extends Error {
  override readonly name = "UnknownOutcome";
  constructor(
    message: string,
    /** Whether Label Studio itself has ended with it, so that nothing of it comes later. */
    readonly isOver: boolean,
  ) {
    super(message);
  }
}

export interface ClientSettings {
  /** Tries of a request that may be repeated. @default 7 */
  tries?: number;
  /** Pause after the first failure, doubled with each further one, in milliseconds. @default 250 */
  pauseMs?: number;
  /** Bounds one request, in milliseconds. @default 120000 */
  requestMs?: number;
}

const longestPauseMs = 15_000;
const shownCharacters = 400;

/** Requests to the API of one Label Studio, repeated while it is busy, restarting or out of reach, a bounded number of times. */
export class LabelStudioClient {
  /** Made from a personal access token; good for minutes. */
  private access: Promise<string> | undefined;
  private readonly settings: Required<ClientSettings>;

  constructor(
    private readonly connection: LabelingConnection,
    settings: ClientSettings = {},
  ) {
    this.settings = { tries: 7, pauseMs: 250, requestMs: 120_000, ...settings };
  }

  get url(): string {
    return this.connection.url;
  }

  /** Bounds how long a request of this client can be under way, in milliseconds. */
  get requestMs(): number {
    return this.settings.requestMs;
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
    for (let tries = 1; ; tries++) {
      const outcome = await this.attempt(method, path, body);
      if ("answer" in outcome) return outcome.answer;
      const isOver = tries >= this.settings.tries;
      if (!repeatable && !outcome.undone) throw new UnknownOutcome(outcome.problem, outcome.isOver);
      if (isOver) throw new UserError(`${outcome.problem}. ${outcome.advice}`);
      const pause = this.settings.pauseMs * 2 ** (tries - 1) * (0.75 + Math.random() / 2);
      await sleep(Math.min(longestPauseMs, Math.max(pause, outcome.waitMs)));
    }
  }

  /** One request. @throws for what no repetition mends */
  private async attempt(method: Method, path: string, body: unknown): Promise<Attempt> {
    const what = `${method} ${this.url}${path.split("?")[0]}`;
    let answer: Response;
    let text: string;
    try {
      answer = await this.send(method, path, body, await this.authorization());
      if (this.hasEnded(answer)) answer = await this.send(method, path, body, await this.authorization());
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
    if (answer.ok) return { answer: parse(text, what) };
    if (this.connection.signIn?.hasEnded(answer)) throw this.connection.signIn.refused();
    const detail = this.withoutToken(detailOf(text));
    if (answer.status === 401 || answer.status === 403) throw this.refusedToken(what, answer.status, detail);
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
    if (this.connection.signIn?.hasEnded(answer)) return true;
    if (answer.status !== 401 || !this.access) return false;
    this.access = undefined;
    return true;
  }

  private async send(method: Method, path: string, body: unknown, authorization: string): Promise<Response> {
    const { signIn } = this.connection;
    const type: Record<string, string> = body === undefined ? {} : { "content-type": "application/json" };
    return fetch(`${this.url}${path}`, {
      method,
      headers: { authorization, ...type, ...(await signIn?.headers()) },
      body: body === undefined ? undefined : JSON.stringify(body),
      // What stands before it leads to a page for people.
      redirect: signIn ? "manual" : "follow",
      signal: AbortSignal.timeout(this.requestMs),
    });
  }

  /** A legacy token is sent as it is; a personal access token is exchanged for one that is good for some minutes. */
  private async authorization(): Promise<string> {
    const { token } = this.connection;
    if (token.split(".").length !== 3) return `Token ${token}`;
    this.access ??= this.exchange(token).catch((error: unknown) => {
      this.access = undefined;
      throw error;
    });
    return `Bearer ${await this.access}`;
  }

  private async exchange(refresh: string): Promise<string> {
    const answer = await fetch(`${this.url}/api/token/refresh/`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ refresh }),
      signal: AbortSignal.timeout(this.requestMs),
    });
    const text = await answer.text();
    if (answer.status === 401 || answer.status === 403)
      throw this.refusedToken("POST /api/token/refresh", answer.status, this.withoutToken(detailOf(text)));
    const { access } = (answer.ok ? parse(text, "POST /api/token/refresh") : {}) as { access?: string };
    if (!access) throw new Error(`status ${answer.status} of the token exchange`);
    return access;
  }

  private refusedToken(what: string, status: number, detail: string): UserError {
    return new UserError(
      `Label Studio at ${this.url} refuses the token of LABEL_STUDIO_API_KEY (${what}: ${status} ${detail}). ` +
        "Set it to a token of an administrator that is good (Account & Settings there), and run this again.",
    );
  }

  private withoutToken(text: string): string {
    return text.replaceAll(this.connection.token, "***");
  }
}

type Attempt =
  | { answer: unknown }
  /** Undone is what was surely not done. */
  | { problem: string; advice: string; undone: boolean; isOver: boolean; waitMs: number };

function parse(text: string, what: string): unknown {
  if (text === "") return undefined;
  try {
    return JSON.parse(text);
  } catch {
    throw new UserError(
      `${what} is answered with something that is no JSON: ${JSON.stringify(text.slice(0, 80))}. Is labeling.url the address of Label Studio?`,
    );
  }
}

/** What Label Studio says of an error. */
function detailOf(text: string): string {
  let shown = text;
  try {
    const { detail, validation_errors: errors } = JSON.parse(text) as { detail?: unknown; validation_errors?: unknown };
    shown = [detail, errors && JSON.stringify(errors)].filter(Boolean).map(String).join(": ");
  } catch {
    // A page of a proxy in between.
  }
  return shown.replace(/\s+/g, " ").slice(0, shownCharacters);
}

function causeOf(error: unknown): string {
  const { name, cause, message } = error as Error & { cause?: { code?: string; message?: string } };
  if (name === "TimeoutError") return "no answer in time";
  return cause?.code ?? cause?.message ?? message;
}
