import { UserError } from "../errors";

const shownCharacters = 400;

/** @throws UserError for what is no JSON, which comes from something else than Label Studio */
export function parseAnswer(text: string, what: string): unknown {
  if (text === "") return undefined;
  try {
    return JSON.parse(text);
  } catch {
    throw new UserError(
      `${what} is answered with something that is no JSON: ${JSON.stringify(text.slice(0, 80))}. Is labeling.url the address of Label Studio?`,
    );
  }
}

/** What Label Studio says of an error. */
export function detailOf(text: string): string {
  let shown = text;
  try {
    const { detail, validation_errors: errors } = JSON.parse(text) as { detail?: unknown; validation_errors?: unknown };
    shown = [detail, errors && JSON.stringify(errors)].filter(Boolean).map(String).join(": ");
  } catch {
    // A page of a proxy in between.
  }
  return shown.replace(/\s+/g, " ").slice(0, shownCharacters);
}

/** Why a request had no answer: the system's code where there is one. */
export function causeOf(error: unknown): string {
  const { name, cause, message } = error as Error & { cause?: { code?: string; message?: string } };
  if (name === "TimeoutError") return "no answer in time";
  return cause?.code ?? cause?.message ?? message;
}
