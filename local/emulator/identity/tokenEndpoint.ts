import type { KeyObject } from "node:crypto";
import { acceptsSecret, principalOf, type Application, type Applications } from "./applications";
import { checkAssertion } from "./assertions";
import { isKnownResource } from "./audiences";
import { invalidSecret, missingField, OAuthError, unknownApplication } from "./oauthErrors";
import type { Principal } from "../contracts";

const assertionType = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
const defaultScope = "/.default";

/** A form of the token endpoint, as it was posted. */
export type Form = Readonly<Record<string, string | undefined>>;

/**
 * Who a request for a token is and what the token is for, by OAuth's client credentials: a secret, or an assertion.
 * @param url of the cloud
 * @throws OAuthError
 */
export function grant(
  form: Form,
  applications: Applications,
  url: string,
  ownKey: (issuer: string) => KeyObject | undefined,
): { principal: Principal; resource: string } {
  if (!form.grant_type) throw missingField("grant_type");
  if (form.grant_type !== "client_credentials")
    throw new OAuthError(
      400,
      "unsupported_grant_type",
      70003,
      `The app requested an unsupported grant type '${form.grant_type}'; the local cloud has client_credentials.`,
    );
  if (!form.client_id) throw missingField("client_id");
  const application = applications.byAppId(form.client_id);
  if (!application) throw unknownApplication(form.client_id);
  prove(form, application, ownKey);
  return { principal: principalOf(application), resource: resourceOf(form, url) };
}

function prove(form: Form, application: Application, ownKey: (issuer: string) => KeyObject | undefined): void {
  if (form.client_assertion) {
    if (form.client_assertion_type !== assertionType) throw missingField("client_assertion_type");
    return checkAssertion(application, form.client_assertion, ownKey);
  }
  if (!form.client_secret)
    throw new OAuthError(
      401,
      "invalid_client",
      7000218,
      "The request body must contain the following parameter: 'client_assertion' or 'client_secret'.",
    );
  if (!acceptsSecret(application, form.client_secret)) throw invalidSecret(application.appId);
}

/** Newer clients name a scope, older ones a resource. */
function resourceOf({ scope, resource }: Form, url: string): string {
  if (!scope && !resource) throw missingField("scope");
  // What else MSAL puts there is for users.
  const [wanted = ""] = (scope ?? "").split(" ").filter((part) => !/^(openid|profile|offline_access)$/.test(part));
  if (scope && !wanted.endsWith(defaultScope))
    throw new OAuthError(
      400,
      "invalid_scope",
      1002012,
      `The provided value for scope ${scope} is not valid. Client credential flows must have a scope value with ${defaultScope} suffixed to the resource identifier (application ID URI).`,
    );
  const name = scope ? wanted.slice(0, -defaultScope.length) : (resource ?? "");
  if (isKnownResource(url, name)) return name;
  throw new OAuthError(
    400,
    "invalid_resource",
    500011,
    `The resource principal named ${name} was not found in the tenant named Local.`,
  );
}
