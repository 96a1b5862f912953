import type { KeyObject } from "node:crypto";
import jwt from "jsonwebtoken";
import type { FastifyInstance, FastifyRequest } from "fastify";
import { UserError } from "../../../lib/errors";
import { deployer, issuer, tenantId } from "../constants";
import { ArmError, type Cloud, type Principal } from "../contracts";
import { Applications } from "./applications";
import { audiencesOf } from "./audiences";
import { directoryRoutes } from "./directory";
import { SigningKey } from "./keys";
import { managedIdentityRoutes } from "./managedIdentity";
import { openIdRoutes } from "./openid";
import { serviceAccountRoutes } from "./serviceAccounts";

/** Of Entra: an hour for applications, a day for managed identities. LOCAL_TOKEN_LIFETIME changes both. */
const lifetimes = { application: 3600, managedIdentity: 86_400 } as const;
/** Clocks of those who check may be behind. */
const clockSkewSeconds = 60;

export interface Token {
  token: string;
  /** Seconds since 1970. */
  expiresOn: number;
  /** In seconds. */
  lifetime: number;
}

/** Tokens of the local cloud: gives them out to who proves what it is, and checks them. */
export class Identity {
  private constructor(
    private readonly key: SigningKey,
    private readonly url: string,
    private readonly chosenLifetime: number | undefined,
  ) {}

  /**
   * Opens the identity of a folder, or makes it.
   * @param url base URL of the cloud, which is the audience of its tokens
   * @throws UserError when its file is damaged, or LOCAL_TOKEN_LIFETIME is no number
   */
  static async open(folder: string, url: string): Promise<Identity> {
    return new Identity(await SigningKey.open(folder), url, chosenLifetime(process.env.LOCAL_TOKEN_LIFETIME));
  }

  /** PEM of the key with which others check tokens of this cloud. */
  get checkingKey(): string {
    return this.key.publicPem;
  }

  get identityHeader(): string {
    return this.key.identityHeader;
  }

  get keySet(): { keys: object[] } {
    return { keys: [this.key.jwk] };
  }

  /** The issuer of assertions for workloads, which is none of tokens. */
  get workloadIssuer(): string {
    return `${this.url}/oidc`;
  }

  keyOfIssuer(name: string): KeyObject | undefined {
    return name === this.workloadIssuer ? this.key.publicKey : undefined;
  }

  issue(audience: string, principal: Principal = deployer, kind: keyof typeof lifetimes = "application"): Token {
    const now = Math.floor(Date.now() / 1000);
    const lifetime = this.chosenLifetime ?? lifetimes[kind];
    const expiresOn = now + lifetime;
    const claims = {
      oid: principal.objectId,
      sub: principal.objectId,
      appid: principal.clientId,
      appidacr: "1",
      idtyp: "app",
      tid: tenantId,
      iat: now,
      nbf: now - clockSkewSeconds,
      exp: expiresOn,
      ver: "1.0",
      app_displayname: principal.name,
    };
    return { token: this.sign(claims, issuer, audience), expiresOn, lifetime };
  }

  /** What a workload shows to get a token: it says who the workload is, and opens nothing itself. */
  assertion(subject: string, audience: string, lifetimeSeconds: number): string {
    const now = Math.floor(Date.now() / 1000);
    const claims = { sub: subject, iat: now, nbf: now - clockSkewSeconds, exp: now + lifetimeSeconds };
    return this.sign(claims, this.workloadIssuer, audience);
  }

  /** Who asks. @throws ArmError 401 without a valid token */
  authenticate(request: FastifyRequest): Principal {
    const [scheme, token] = (request.headers.authorization ?? "").split(" ");
    if (scheme?.toLowerCase() !== "bearer" || !token) {
      throw new ArmError(401, "AuthenticationFailed", "Authentication failed. The 'Authorization' header is missing.");
    }
    const claims = this.verify(token);
    const audience = String(claims.aud);
    const allowed = audiencesOf(this.url, request.url);
    if (!allowed.includes(audience)) {
      throw new ArmError(
        401,
        "InvalidAuthenticationTokenAudience",
        `The access token has been obtained for wrong audience or resource '${audience}'. It should exactly match with one of the allowed audiences '${allowed.join("','")}'.`,
      );
    }
    return { objectId: String(claims.oid), clientId: String(claims.appid), name: String(claims.app_displayname) };
  }

  /** The endpoints of identity; all but the directory's answer without a token. */
  routes(server: FastifyInstance, cloud: Cloud): void {
    const applications = new Applications(cloud.store);
    openIdRoutes(server, this, applications, this.url);
    managedIdentityRoutes(server, this, cloud);
    serviceAccountRoutes(server, this);
    directoryRoutes(server, applications);
  }

  private sign(claims: object, by: string, audience: string): string {
    const { privatePem, keyId } = this.key;
    return jwt.sign(claims, privatePem, { algorithm: "RS256", keyid: keyId, issuer: by, audience });
  }

  private verify(token: string): jwt.JwtPayload {
    const claimed = jwt.decode(token);
    const from: unknown = claimed !== null && typeof claimed === "object" ? claimed.iss : undefined;
    if (typeof from === "string" && from !== issuer) {
      throw new ArmError(
        401,
        "InvalidAuthenticationTokenTenant",
        `The access token is from the wrong issuer '${from}'. It must match the tenant '${issuer}' associated with this subscription.`,
      );
    }
    try {
      return jwt.verify(token, this.key.publicKey, { algorithms: ["RS256"], issuer }) as jwt.JwtPayload;
    } catch (error) {
      if (error instanceof jwt.TokenExpiredError)
        throw new ArmError(
          401,
          "ExpiredAuthenticationToken",
          `The access token expiry UTC time '${error.expiredAt.toISOString()}' is earlier than current UTC time '${new Date().toISOString()}'.`,
        );
      throw new ArmError(401, "InvalidAuthenticationToken", "The access token is invalid.");
    }
  }
}

function chosenLifetime(text: string | undefined): number | undefined {
  if (text === undefined || text === "") return undefined;
  const seconds = Number(text);
  if (Number.isInteger(seconds) && seconds > 0) return seconds;
  throw new UserError(`LOCAL_TOKEN_LIFETIME is "${text}"; a whole number of seconds is wanted.`);
}
