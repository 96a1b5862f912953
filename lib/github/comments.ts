import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import { UserError } from "../errors";
import { retryAfterMs } from "../retryAfter";

/** Where a comment goes. */
export interface PullRequest {
  /** OWNER/NAME. */
  repository: string;
  number: number;
  /** With the right to write to pull requests. */
  token: string;
  /** Address of the REST API. @default https://api.github.com */
  apiUrl?: string;
}

const comments = z.array(z.object({ id: z.number(), body: z.string().nullish(), html_url: z.string().optional() }));
const comment = z.object({ html_url: z.string().optional() });

const pageSize = 100;
const mostPages = 50;
const tries = 5;
const requestMs = 20_000;
const longestPauseMs = 60_000;

interface Answer {
  status: number;
  body: unknown;
}

/**
 * Writes a comment, or writes it anew where one with the same first line stands already. One that somebody else has put
 * there with that line is left alone.
 * @param body its first line marks it
 * @returns what was done, and the comment's address
 * @throws UserError when GitHub refuses
 * @see https://docs.github.com/rest/issues/comments
 */
export async function upsertComment(target: PullRequest, body: string): Promise<{ did: string; url: string }> {
  const [marker = ""] = body.split("\n");
  const { repository, number } = target;
  for await (const existing of listComments(target)) {
    if (existing.body?.split(/\r?\n/)[0] !== marker) continue;
    const url = existing.html_url ?? "";
    if (existing.body.replaceAll("\r\n", "\n").trimEnd() === body.trimEnd()) return { did: "unchanged", url };
    const edited = await send(target, "PATCH", `/repos/${repository}/issues/comments/${existing.id}`, { body });
    if (edited.status === 200) return { did: "edited", url };
    // 403 and 404: somebody else's, or deleted meanwhile.
    if (edited.status !== 403 && edited.status !== 404) throw refused("editing the comment", edited, target);
  }
  const made = await send(target, "POST", `/repos/${repository}/issues/${number}/comments`, { body });
  if (made.status !== 201) throw refused("writing the comment", made, target);
  return { did: "created", url: comment.parse(made.body).html_url ?? "" };
}

async function* listComments(target: PullRequest): AsyncGenerator<z.output<typeof comments>[number]> {
  for (let page = 1; page <= mostPages; page++) {
    const path = `/repos/${target.repository}/issues/${target.number}/comments?per_page=${pageSize}&page=${page}`;
    const answer = await send(target, "GET", path);
    if (answer.status !== 200) throw refused("reading the comments", answer, target);
    const found = comments.parse(answer.body);
    yield* found;
    if (found.length < pageSize) return;
  }
}

async function send({ token, apiUrl }: PullRequest, method: string, path: string, body?: object): Promise<Answer> {
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
    // A new comment is not sent again after a failure of unknown outcome: there could be two.
    const repeats = isLimited || (answer.status >= 500 && method !== "POST");
    if (!repeats || attempt === tries) return { status: answer.status, body: parsed(text) };
    await sleep(Math.min(longestPauseMs, retryAfterMs((name) => answer.headers.get(name)) || 500 * attempt));
  }
}

function refused(what: string, { status, body }: Answer, { repository, number }: PullRequest): UserError {
  const message = z.object({ message: z.string() }).safeParse(body);
  const said = message.success ? `: ${message.data.message}` : "";
  const next =
    status === 401 || status === 403 || status === 404
      ? 'Give GITHUB_TOKEN of a job with "permissions: pull-requests: write".'
      : "Run it again.";
  return new UserError(`GitHub answered ${status} to ${what} of ${repository}#${number}${said}. ${next}`);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
