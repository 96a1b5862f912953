import { isRefusedPath, UserError } from "../errors";

/** Where people read: a terminal, or whatever the output was led to. */
export interface Output {
  isTTY?: boolean;
  /** Width of a terminal. */
  columns?: number;
  write(text: string): unknown;
}

export type Colour = "red" | "yellow" | "green" | "cyan";

const codes: Record<Colour, number> = { red: 31, green: 32, yellow: 33, cyan: 36 };

/**
 * Whether colours are wanted: FORCE_COLOR says so (0 and false say no), then NO_COLOR says no, else a terminal that is not
 * dumb has them.
 * @see https://no-color.org
 */
export function hasColour(
  { isTTY }: Output,
  { FORCE_COLOR, NO_COLOR, TERM }: NodeJS.ProcessEnv = process.env,
): boolean {
  if (FORCE_COLOR !== undefined) return FORCE_COLOR !== "0" && FORCE_COLOR !== "false";
  return !NO_COLOR && isTTY === true && TERM !== "dumb";
}

/** The text in bold and a colour, where the output shows colours. */
export function painted(text: string, colour: Colour, output: Output): string {
  return hasColour(output) ? `\u001b[1;${codes[colour]}m${text}\u001b[0m` : text;
}

/** A step of a command, for people. */
export function step(text: string, output: Output = process.stdout): void {
  output.write(`${painted("»", "cyan", output)} ${text}\n`);
}

/** A mistake, or why a command failed, on stderr. */
export function showError(message: string): void {
  const { stderr } = process;
  stderr.write(`${painted("error:", "red", stderr)} ${message}\n`);
}

export function showWarning(message: string): void {
  const { stderr } = process;
  stderr.write(`${painted("warning:", "yellow", stderr)} ${message}\n`);
}

/**
 * What ended a command: a mistake of the user, and a file or folder that the system refuses, as its message; anything else with
 * where it came from, which whoever reports it needs.
 */
export function showFailure(error: unknown): void {
  if (error instanceof UserError || isRefusedPath(error)) showError(error.message);
  else console.error(error);
}
