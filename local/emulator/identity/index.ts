import { timingSafeEqual, type KeyObject } from "node:crypto";
import jwt from "jsonwebtoken";
import type { FastifyInstance, FastifyRequest } from "fastify";
import { UserError } from "../../../lib/errors";
import { deployer, issuer, service, tenantId } from "../constants";
import { ArmError, type Cloud, type Principal } from "../contracts";
import type { LocalClock } from "../time/clock";
import { localExpiryClaim } from "./claims";
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
/** Tokens whose signatures need not be checked again. */
const mostKnown = 1000;

/** What tokens need of the clock. */
export type TokenClock = Pick<LocalClock, "now" | "realTimeOf">;

export interface Token {
  token: string;
  /** Seconds since 1970. */
  expiresOn: number;
  /** In seconds. */
  lifetime: number;
}

/** Tokens of the local cloud: gives them out to who proves what it is, and checks them. */
export class Identity {
  private readonly known = new Map<string, jwt.JwtPayload>();

  private constructor(
    private readonly key: SigningKey,
    private readonly url: string,
    private readonly clock: TokenClock,
    private readonly chosenLifetime: number | undefined,
  ) {}

  /**
   * Opens the identity of a folder, or makes it.
   * @param url base URL of the cloud, which is the audience of its tokens
   * @throws UserError when its file is damaged, or LOCAL_TOKEN_LIFETIME is no number
   */
  static async open(folder: string, url: string, clock: TokenClock): Promise<Identity> {
    return new Identity(await SigningKey.open(folder), url, clock, chosenLifetime(process.env.LOCAL_TOKEN_LIFETIME));
  }

  /** PEM of the key with which others check tokens of this cloud. */
  get checkingKey(): string {
    return this.key.publicPem;
  }

  get identityHeader(): string {
    return this.key.identityHeader;
  }

  /** What the process of a run or a deployment sends to the identity endpoint to get tokens of its identity. */
  headerOf(principal: Principal): string {
    return jwt.sign({ ...principal }, this.identityHeader, { noTimestamp: true });
  }

  /** Whose tokens an identity header stands for; undefined for a wrong one. */
  askerOf(header: string, resource: string): Principal | undefined {
    if (this.isDeployersHeader(header)) return deployer;
    try {
      const principal = jwt.verify(header, this.identityHeader, { algorithms: ["HS256"] }) as Principal;
      // Azure ML hands a run a token of its own for all but data.
      return /storage|\.blob\./.test(resource) ? principal : service;
    } catch {
      return undefined;
    }
  }

  isDeployersHeader(header: string): boolean {
    const [given, wanted] = [Buffer.from(header), Buffer.from(this.identityHeader)];
    return given.length === wanted.length && timingSafeEqual(given, wanted);
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
    const localExpiry = this.clock.now() + lifetime * 1000;
    const claims = {
      // Clients and the blob service have clocks of their own, so the usual claims are in real time.
      [localExpiryClaim]: localExpiry,
      oid: principal.objectId,
      sub: principal.objectId,
      appid: principal.clientId,
      appidacr: "1",
      idtyp: "app",
      tid: tenantId,
      iat: now,
      nbf: now - clockSkewSeconds,
      exp: now + lifetime,
      ver: "1.0",
      app_displayname: principal.name,
    };
    const expiresOn = Math.floor(Math.min(now + lifetime, this.clock.realTimeOf(localExpiry) / 1000));
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
    return this.principalOf(token, audiencesOf(this.url, request.url));
  }

  /** Whose token for an application it is, when it travels in a request. @throws ArmError 401 */
  authenticateFor(token: string, audience: string): Principal {
    return this.principalOf(token, [audience]);
  }

  private principalOf(token: string, allowed: readonly string[]): Principal {
    const claims = this.verify(token);
    const audience = String(claims.aud);
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

  /** The claims of a token whose signature and times are right; a signature is checked once, as that takes its time. */
  private checked(token: string): jwt.JwtPayload {
    const known = this.known.get(token);
    if (known && Number(known.exp) * 1000 > Date.now()) return known;
    const claims = jwt.verify(token, this.key.publicKey, { algorithms: ["RS256"], issuer }) as jwt.JwtPayload;
    if (this.known.size >= mostKnown) this.known.clear();
    this.known.set(token, claims);
    return claims;
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
      const claims = this.checked(token);
      if (this.clock.now() < Number(claims[localExpiryClaim])) return claims;
      throw new jwt.TokenExpiredError("jwt expired", new Date(Number(claims[localExpiryClaim])));
    } catch (error) {
      if (error instanceof jwt.TokenExpiredError)
        throw new ArmError(
          401,
          "ExpiredAuthenticationToken",
          `The access token expiry UTC time '${error.expiredAt.toISOString()}' is earlier than current UTC time '${new Date(this.clock.now()).toISOString()}'.`,
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
