import { UserError } from "../lib/errors";
import { didYouMean } from "../lib/nearestName";

/** What node:util's parseArgs threw, in words: for an option that there is not, the nearest one. */
export function unknownOption(error: unknown, names: readonly string[]): UserError {
  const message = error instanceof Error ? error.message : String(error);
  const [, name] = /^Unknown option '--?([^']+)'/.exec(message) ?? [];
  if (name === undefined) return new UserError(`${message}. --help tells what is allowed.`);
  return new UserError(`--${name} is no option; ${didYouMean(name, names)}`);
}

/** The whole number that an option has. @throws UserError when it is none, or not in its limits */
export function wholeNumber(option: string, text: string, { least, most }: { least: number; most: number }): number {
  const number = Number(text);
  if (!/^\d+$/.test(text) || number < least || number > most)
    throw new UserError(`${option} is "${text}"; allowed is a whole number from ${least} to ${most}.`);
  return number;
}
