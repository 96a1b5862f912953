import { z } from "zod";
import { listAll, refusal, send, type Answer, type Repository } from "./api";

/** Where a comment goes; the token has the right to write to pull requests. */
export interface PullRequest extends Repository {
  number: number;
}

const existingComment = z.object({ id: z.number(), body: z.string().nullish(), html_url: z.string().optional() });
const comment = z.object({ html_url: z.string().optional() });

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
  const path = `/repos/${repository}/issues/${number}/comments`;
  const refused = (what: string) => (answer: Answer) =>
    refusal(what, answer, `${repository}#${number}`, "pull-requests");
  for await (const existing of listAll(target, path, existingComment, refused("reading the comments"))) {
    if (existing.body?.split(/\r?\n/)[0] !== marker) continue;
    const url = existing.html_url ?? "";
    if (existing.body.replaceAll("\r\n", "\n").trimEnd() === body.trimEnd()) return { did: "unchanged", url };
    const edited = await send(target, "PATCH", `/repos/${repository}/issues/comments/${existing.id}`, { body });
    if (edited.status === 200) return { did: "edited", url };
    // 403 and 404: somebody else's, or deleted meanwhile.
    if (edited.status !== 403 && edited.status !== 404) throw refused("editing the comment")(edited);
  }
  const made = await send(target, "POST", path, { body });
  if (made.status !== 201) throw refused("writing the comment")(made);
  return { did: "created", url: comment.parse(made.body).html_url ?? "" };
}
