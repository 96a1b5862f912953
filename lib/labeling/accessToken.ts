import { UserError } from "../errors";
import { detailOf, parseAnswer } from "./answers";
import type { LabelingConnection } from "./connection";

/** The token of a connection, as requests carry it. */
export class AccessToken {
  /** Made from a personal access token; good for minutes. */
  private access: Promise<string> | undefined;

  constructor(
    private readonly connection: LabelingConnection,
    private readonly requestMs: number,
  ) {}

  /**
   * A legacy token is sent as it is; a personal access token is exchanged for one that is good for some minutes.
   * @throws UserError when it is refused
   */
  async header(): Promise<string> {
    const { token } = this.connection;
    if (token.split(".").length !== 3) return `Token ${token}`;
    this.access ??= this.exchange(token).catch((error: unknown) => {
      this.access = undefined;
      throw error;
    });
    return `Bearer ${await this.access}`;
  }

  /** Whether there will be another one, now that this one was refused. */
  renew(): boolean {
    const had = this.access !== undefined;
    this.access = undefined;
    return had;
  }

  /** Text that may be shown. */
  hide(text: string): string {
    return text.replaceAll(this.connection.token, "***");
  }

  refused(what: string, status: number, detail: string): UserError {
    return new UserError(
      `Label Studio at ${this.connection.url} refuses the token of LABEL_STUDIO_API_KEY (${what}: ${status} ${this.hide(detail)}). ` +
        "Set it to a token of an administrator that is good (Account & Settings there), and run this again.",
    );
  }

  private async exchange(refresh: string): Promise<string> {
    const what = "POST /api/token/refresh";
    const answer = await fetch(`${this.connection.url}/api/token/refresh/`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ refresh }),
      signal: AbortSignal.timeout(this.requestMs),
    });
    const text = await answer.text();
    if (answer.status === 401 || answer.status === 403) throw this.refused(what, answer.status, detailOf(text));
    const { access } = (answer.ok ? parseAnswer(text, what) : {}) as { access?: string };
    if (!access) throw new Error(`status ${answer.status} of the token exchange`);
    return access;
  }
}
