import { randomUUID } from "node:crypto";

/** A refusal of the token endpoint, in Entra's form. */
export class OAuthError extends Error {
  override readonly name = "OAuthError";

  /** @param number of the AADSTS code */
  constructor(
    readonly status: 400 | 401,
    readonly error: string,
    readonly number: number,
    message: string,
  ) {
    super(message);
  }

  get body(): object {
    const [trace, correlation] = [randomUUID(), randomUUID()];
    const timestamp = new Date().toISOString().replace("T", " ").replace(/\.\d+/, "");
    return {
      error: this.error,
      error_description: `AADSTS${this.number}: ${this.message} Trace ID: ${trace} Correlation ID: ${correlation} Timestamp: ${timestamp}`,
      error_codes: [this.number],
      timestamp,
      trace_id: trace,
      correlation_id: correlation,
      error_uri: `https://login.microsoftonline.com/error?code=${this.number}`,
    };
  }
}

export function unknownTenant(tenant: string): OAuthError {
  return new OAuthError(400, "invalid_request", 90002, `Tenant '${tenant}' not found. Check that it is the right one.`);
}

export function unknownApplication(appId: string): OAuthError {
  return new OAuthError(
    400,
    "unauthorized_client",
    700016,
    `Application with identifier '${appId}' was not found in the directory 'Local'.`,
  );
}

export function missingField(name: string): OAuthError {
  return new OAuthError(
    400,
    "invalid_request",
    900144,
    `The request body must contain the following parameter: '${name}'.`,
  );
}

export function invalidSecret(appId: string): OAuthError {
  return new OAuthError(
    401,
    "invalid_client",
    7000215,
    `Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, not the client secret ID, for a secret added to app '${appId}'.`,
  );
}

export function invalidAssertion(number: number, message: string): OAuthError {
  return new OAuthError(401, "invalid_client", number, message);
}
