import { listUsers } from "./api";
import type { User } from "./wire";
import type { LabelStudioClient } from "./client";
import type { Counting } from "./outcome";

/** People by the e-mail address with which they sign up in Label Studio. */
export interface People {
  /** Whose work counts; everybody's when empty. */
  labelers: readonly string[];
  /** Whose work counts before that of others. */
  reviewers: readonly string[];
}

/** A person, without name or address. */
export function labelerName(user: number): string {
  return `labeler-${user}`;
}

/** Whose work counts, by the numbers that annotations have. */
export async function countingOf(client: LabelStudioClient, { labelers, reviewers }: People): Promise<Counting> {
  if (labelers.length + reviewers.length === 0) return {};
  const users = await listUsers(client);
  const [named, reviewing] = [numbersOf(users, labelers), numbersOf(users, reviewers)];
  return {
    counts: labelers.length === 0 ? undefined : (person) => named.has(person) || reviewing.has(person),
    isReviewer: (person) => reviewing.has(person),
  };
}

/** Those of the people who have not signed up yet. */
export async function notSignedUp(client: LabelStudioClient, { labelers, reviewers }: People): Promise<string[]> {
  const named = [...new Set([...labelers, ...reviewers])];
  if (named.length === 0) return [];
  const known = new Set((await listUsers(client)).map(({ email }) => email.toLowerCase()));
  return named.filter((email) => !known.has(email.toLowerCase()));
}

function numbersOf(users: readonly User[], emails: readonly string[]): Set<number> {
  const wanted = new Set(emails.map((email) => email.toLowerCase()));
  return new Set(users.filter(({ email }) => wanted.has(email.toLowerCase())).map(({ id }) => id));
}
