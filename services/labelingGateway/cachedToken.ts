/** A token of Entra ID. */
export interface Token {
  value: string;
  /** Milliseconds since 1970. */
  endsAt: number;
}

/** Before a token ends, a new one is asked for. */
const spareMs = 5 * 60_000;

/** One token for all who ask, until it nears its end; who asks while a new one is on its way waits for that. */
export function cachedToken(ask: () => Promise<Token>): () => Promise<string> {
  let current: Promise<Token> | undefined;
  const renew = (old: Promise<Token> | undefined): Promise<Token> => {
    if (current !== old && current) return current;
    const asked = ask();
    current = asked;
    // A failure is told to those who wait, and to nobody after them.
    asked.catch(() => (current = current === asked ? undefined : current));
    return asked;
  };
  return async () => {
    const known = current ?? renew(undefined);
    const token = await known;
    if (token.endsAt - spareMs > Date.now()) return token.value;
    return (await renew(known)).value;
  };
}
