import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import { UserError } from "../errors";
import { retryAfterMs } from "../retryAfter";

/** A repository on GitHub, and with which right it is written to. */
export interface Repository {
  /** OWNER/NAME. */
  repository: string;
  token: string;
  /** Address of the REST API. @default https://api.github.com */
  apiUrl?: string;
}

export interface Answer {
  status: number;
  body: unknown;
}

export const pageSize = 100;
const mostPages = 50;
const tries = 5;
const requestMs = 20_000;
const longestPauseMs = 60_000;

/**
 * All entries of a collection.
 * @param path with its query, without page and size
 * @throws UserError when GitHub refuses
 */
export async function* listAll<T>(
  target: Repository,
  path: string,
  entry: z.ZodType<T>,
  refused: (answer: Answer) => UserError,
): AsyncGenerator<T> {
  const query = path.includes("?") ? "&" : "?";
  for (let page = 1; page <= mostPages; page++) {
    const answer = await send(target, "GET", `${path}${query}per_page=${pageSize}&page=${page}`);
    if (answer.status !== 200) throw refused(answer);
    const found = z.array(entry).parse(answer.body);
    yield* found;
    if (found.length < pageSize) return;
  }
}

/** One request; what was throttled, or failed without having done anything, is sent again. */
export async function send(
  { token, apiUrl }: Repository,
  method: string,
  path: string,
  body?: object,
): Promise<Answer> {
  for (let attempt = 1; ; attempt++) {
    const answer = await fetch(`${(apiUrl ?? "https://api.github.com").replace(/\/$/, "")}${path}`, {
      method,
      headers: {
        accept: "application/vnd.github+json",
        authorization: `Bearer ${token}`,
        "x-github-api-version": "2022-11-28",
        "user-agent": "azure-ml-object-detection",
        ...(body ? { "content-type": "application/json" } : {}),
      },
      body: body && JSON.stringify(body),
      redirect: "error",
      signal: AbortSignal.timeout(requestMs),
    });
    const text = await answer.text();
    const isLimited = answer.status === 429 || (answer.status === 403 && answer.headers.has("retry-after"));
    // What is made anew is not sent again after a failure of unknown outcome: there could be two.
    const repeats = isLimited || (answer.status >= 500 && method !== "POST");
    if (!repeats || attempt === tries) return { status: answer.status, body: parsed(text) };
    await sleep(Math.min(longestPauseMs, retryAfterMs((name) => answer.headers.get(name)) || 500 * attempt));
  }
}

/**
 * What GitHub refused, in words.
 * @param place what was read or written, such as acme/detector#7
 * @param permission of a workflow's job, which the request needs
 */
export function refusal(what: string, { status, body }: Answer, place: string, permission: string): UserError {
  const message = z.object({ message: z.string() }).safeParse(body);
  const said = message.success ? `: ${message.data.message}` : "";
  const next =
    status === 401 || status === 403 || status === 404
      ? `Give GITHUB_TOKEN of a job with "permissions: ${permission}: write".`
      : "Run it again.";
  return new UserError(`GitHub answered ${status} to ${what} of ${place}${said}. ${next}`);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
