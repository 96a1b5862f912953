/**
 * A mistake that the user can mend: shown as its message alone, without a stack trace, and with a non-zero exit status.
 * The message names the property and the value, says what is allowed, and says what to do next.
 */
export class UserError extends Error {
  override readonly name = "UserError";
  /** Pulumi knows its own errors without a stack trace by this field, which spares lib/ its import. */
  readonly __pulumiRunError = true;
}

/** What anything that was thrown says. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}

/** A file or folder that the system refuses: the message names what it refuses, the call and the path. */
export function isRefusedPath(thrown: unknown): thrown is Error & { path: string } {
  return thrown instanceof Error && "syscall" in thrown && typeof (thrown as { path?: unknown }).path === "string";
}

/** Several mistakes found at once, so that they can be mended in one go. */
export function combineProblems(heading: string, problems: readonly string[]): UserError {
  return new UserError([heading, ...problems.map((problem) => `  - ${problem}`)].join("\n"));
}
