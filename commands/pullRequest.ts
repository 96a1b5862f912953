import { existsSync, readFileSync } from "node:fs";
import type { PullRequest } from "../lib/github/comments";
import { UserError } from "../lib/errors";

/**
 * The pull request that a pipeline runs for, by the variables of GitHub Actions.
 * @param given number on the command line
 * @returns undefined outside a pipeline, where the comment is printed
 */
export function pullRequestOf(environment: NodeJS.ProcessEnv, given: string | undefined): PullRequest | undefined {
  const { GITHUB_TOKEN: token, GITHUB_REPOSITORY: repository, GITHUB_API_URL: apiUrl } = environment;
  const number = given ?? numberOf(environment);
  if (number === undefined || (!token && given === undefined)) return undefined;
  if (!/^[1-9]\d*$/.test(number))
    throw new UserError(`--pull-request is "${number}"; it takes the number of a pull request.`);
  if (!token || !repository) {
    const missing = [token ? "" : "GITHUB_TOKEN", repository ? "" : "GITHUB_REPOSITORY"].filter(Boolean).join(" and ");
    throw new UserError(
      `${missing} not set; they say with which right, and on which repository (OWNER/NAME), to comment.`,
    );
  }
  return { token, repository, number: Number(number), apiUrl };
}

function numberOf({ GITHUB_REF, GITHUB_EVENT_PATH }: NodeJS.ProcessEnv): string | undefined {
  const [, inRef] = /^refs\/pull\/(\d+)\//.exec(GITHUB_REF ?? "") ?? [];
  if (inRef !== undefined || !GITHUB_EVENT_PATH || !existsSync(GITHUB_EVENT_PATH)) return inRef;
  const event = JSON.parse(readFileSync(GITHUB_EVENT_PATH, "utf8")) as { pull_request?: { number?: number } };
  return event.pull_request?.number?.toString();
}
