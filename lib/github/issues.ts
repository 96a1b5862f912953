import { z } from "zod";
import { listAll, refusal, send, type Answer, type Repository } from "./api";

/** An issue that a pipeline keeps. */
export interface KeptIssue {
  title: string;
  /** Its first line marks it. */
  body: string;
  /** By which it is looked for among the open ones. */
  label: string;
}

const existingIssue = z.object({ number: z.number(), body: z.string().nullish(), html_url: z.string().optional() });

/**
 * Opens an issue, or edits the open one with the same first line.
 * @throws UserError when GitHub refuses
 * @see https://docs.github.com/rest/issues/issues
 */
export async function upsertIssue(target: Repository, issue: KeptIssue): Promise<{ did: string; url: string }> {
  const { title, body, label } = issue;
  const existing = await openIssue(target, issue);
  const url = existing?.html_url ?? "";
  if (existing?.body?.replaceAll("\r\n", "\n").trimEnd() === body.trimEnd()) return { did: "unchanged", url };
  const answer = existing
    ? await send(target, "PATCH", `${issuesOf(target)}/${existing.number}`, { title, body })
    : await send(target, "POST", issuesOf(target), { title, body, labels: [label] });
  if (answer.status !== 200 && answer.status !== 201) throw refused("writing the issue", answer, target);
  return { did: existing ? "edited" : "opened", url: url || (existingIssue.parse(answer.body).html_url ?? "") };
}

/** Closes the open issue, when there is one. @throws UserError when GitHub refuses */
export async function closeIssue(
  target: Repository,
  issue: Pick<KeptIssue, "body" | "label">,
): Promise<{ did: string; url: string }> {
  const existing = await openIssue(target, issue);
  if (!existing) return { did: "not needed", url: "" };
  const change = { state: "closed", state_reason: "completed" };
  const answer = await send(target, "PATCH", `${issuesOf(target)}/${existing.number}`, change);
  if (answer.status !== 200) throw refused("closing the issue", answer, target);
  return { did: "closed", url: existing.html_url ?? "" };
}

async function openIssue(target: Repository, { body, label }: Pick<KeptIssue, "body" | "label">) {
  const [marker = ""] = body.split("\n");
  const path = `${issuesOf(target)}?state=open&labels=${encodeURIComponent(label)}`;
  for await (const issue of listAll(target, path, existingIssue, (answer) =>
    refused("reading the issues", answer, target),
  ))
    if (issue.body?.split(/\r?\n/)[0] === marker) return issue;
  return undefined;
}

function issuesOf({ repository }: Repository): string {
  return `/repos/${repository}/issues`;
}

function refused(what: string, answer: Answer, { repository }: Repository) {
  return refusal(what, answer, repository, "issues");
}
