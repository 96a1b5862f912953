import { createHash } from "node:crypto";

/** A deployment's name (a letter first, at most 32 of [a-z0-9-]) from all that it is made of. Equal content, equal name. */
export function contentName(content: readonly string[]): string {
  return `d-${createHash("sha256").update(content.join("\0")).digest("hex").slice(0, 12)}`;
}
