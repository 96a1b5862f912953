import { parseArgs, type ParseArgsConfig } from "node:util";
import { messageOf, UserError } from "../lib/errors";
import { didYouMean } from "../lib/nearestName";

/**
 * The words of the command line by the options that there are.
 * @throws UserError for one that there is not, with the nearest that there is
 */
export function parseCommandLine<Config extends ParseArgsConfig>(config: Config): ReturnType<typeof parseArgs<Config>> {
  try {
    return parseArgs(config);
  } catch (error) {
    throw unknownOption(messageOf(error), Object.keys(config.options ?? {}));
  }
}

function unknownOption(message: string, names: readonly string[]): UserError {
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
