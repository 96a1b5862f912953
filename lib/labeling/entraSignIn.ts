import { azureCredential } from "../azure/credential";
import { messageOf, UserError } from "../errors";

/** Nothing was sent to what lies behind the sign-in. */
export class NotSignedIn extends Error {
  override readonly name = "NotSignedIn";
}

export interface SignInSettings {
  /** Address of what lies behind the sign-in, without a trailing slash. */
  url: string;
  /** Application of Entra ID that the sign-in is for. */
  clientId: string;
  /** A token of Entra ID for that application. @default of the identity that this process runs as */
  token?: () => Promise<string>;
}

const requestMs = 30_000;

/**
 * Passes the sign-in of Entra ID that Azure puts in front of a container app. Both it and what lies behind want the header
 * Authorization, so its own session token goes by another one, as a client does that signs in by itself:
 * https://learn.microsoft.com/azure/container-apps/authentication#client-directed-sign-in
 */
export class EntraSignIn {
  private session: Promise<string> | undefined;

  constructor(private readonly settings: SignInSettings) {}

  /** What a request needs to pass. @throws NotSignedIn when the sign-in does not answer, UserError when it refuses */
  async headers(): Promise<Record<string, string>> {
    this.session ??= this.signIn().catch((error: unknown) => {
      this.session = undefined;
      throw error;
    });
    return { "x-zumo-auth": await this.session };
  }

  /** Whether an answer is the sign-in's, which does not let the request pass (any more); the next one signs in anew. */
  hasEnded(answer: Response): boolean {
    if (!isOfSignIn(answer)) return false;
    this.session = undefined;
    return true;
  }

  refused(): UserError {
    const { url, clientId } = this.settings;
    return new UserError(
      `The sign-in in front of ${url} does not let this identity pass. Allow it in the application ${clientId} of Entra ID ` +
        '(docs/labeling.md, "On Azure"), or run this as another identity.',
    );
  }

  private async signIn(): Promise<string> {
    const { url, clientId } = this.settings;
    let accessToken: string;
    try {
      accessToken = await (this.settings.token ?? (() => tokenFor(clientId)))();
    } catch (error) {
      throw new UserError(
        `Entra ID gives no token for the application ${clientId}, by which ${url} is entered: ${messageOf(error).split("\n")[0]}. ` +
          'Allow this identity in the application (docs/labeling.md, "On Azure").',
      );
    }
    let answer: Response;
    try {
      answer = await fetch(`${url}/.auth/login/aad`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ access_token: accessToken }),
        redirect: "manual",
        signal: AbortSignal.timeout(requestMs),
      });
    } catch (error) {
      const { cause, message } = error as Error & { cause?: { code?: string } };
      throw new NotSignedIn(`the sign-in does not answer: ${cause?.code ?? message}`);
    }
    if (answer.status >= 500 || answer.status === 429) throw new NotSignedIn(`the sign-in answers ${answer.status}`);
    if (!answer.ok) throw this.refused();
    const { authenticationToken } = (await answer.json()) as { authenticationToken?: string };
    if (!authenticationToken)
      throw new UserError(`POST ${url}/.auth/login/aad: the answer has no authenticationToken.`);
    return authenticationToken;
  }
}

async function tokenFor(clientId: string): Promise<string> {
  return (await azureCredential().getToken(`${clientId}/.default`))?.token ?? "";
}

/** People are led to the page of Entra ID, and others are told where that is; Label Studio never says either. */
function isOfSignIn({ status, headers }: Response): boolean {
  if (status === 401 || status === 403) return /authorization_uri/i.test(headers.get("www-authenticate") ?? "");
  return status >= 300 && status < 400 && /\/\.auth\/login\/|\/oauth2\//.test(headers.get("location") ?? "");
}
