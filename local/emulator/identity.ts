import { createHash, createPublicKey, generateKeyPair, randomBytes, timingSafeEqual } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import jwt from "jsonwebtoken";
import type { FastifyInstance, FastifyRequest } from "fastify";
import writeFileAtomic from "write-file-atomic";
import { UserError } from "../../lib/errors";
import { ArmError, type Principal } from "./contracts";
import { deployer, issuer, service, tenantId } from "./constants";
import type { LocalClock } from "./time/clock";

const lifetimeSeconds = 3600;
/** When a token ends by the clock of the local cloud, in milliseconds. */
const localExpiryClaim = "local_exp";

/** Resources whose tokens Azure Resource Manager and Azure ML take, in Azure itself; some clients name them regardless. */
const azureAudiences = ["https://management.azure.com", "https://management.core.windows.net", "https://ml.azure.com"];

interface Secrets {
  /** What a client of the identity endpoint must send; whoever reads this file is the deployer. */
  identityHeader: string;
  privateKey: string;
}

/** Tokens of the local cloud: issues them to who knows the identity header, and checks them. */
export class Identity {
  private readonly publicKey: ReturnType<typeof createPublicKey>;
  private readonly keyId: string;

  private readonly audiences: ReadonlySet<string>;

  private constructor(
    private readonly secrets: Secrets,
    private readonly url: string,
    private readonly clock: Pick<LocalClock, "now" | "realTimeOf">,
  ) {
    this.publicKey = createPublicKey(secrets.privateKey);
    this.keyId = createHash("sha256")
      .update(this.publicKey.export({ type: "spki", format: "der" }))
      .digest("hex")
      .slice(0, 16);
    this.audiences = new Set([url, ...azureAudiences].flatMap((audience) => [audience, `${audience}/`]));
  }

  /**
   * Opens the identity of a folder, or makes it.
   * @param url base URL of the cloud, which is the audience of its tokens
   * @throws UserError when its file is damaged
   */
  static async open(folder: string, url: string, clock: Pick<LocalClock, "now" | "realTimeOf">): Promise<Identity> {
    const file = join(folder, "identity.json");
    const stored = await readFile(file, "utf8").catch(() => undefined);
    if (stored !== undefined) {
      try {
        return new Identity(JSON.parse(stored) as Secrets, url, clock);
      } catch {
        throw new UserError(
          `The local cloud's signing key in "${file}" is damaged. Delete that file and start again: another is made, and no data is lost.`,
        );
      }
    }
    const { privateKey } = await promisify(generateKeyPair)("rsa", {
      modulusLength: 2048,
      publicKeyEncoding: { type: "spki", format: "pem" },
      privateKeyEncoding: { type: "pkcs8", format: "pem" },
    });
    const secrets: Secrets = { identityHeader: randomBytes(24).toString("hex"), privateKey };
    await writeFileAtomic(file, JSON.stringify(secrets), { mode: 0o600 });
    return new Identity(secrets, url, clock);
  }

  /** PEM of the key with which others check tokens of this cloud. */
  get checkingKey(): string {
    return this.publicKey.export({ type: "spki", format: "pem" }).toString();
  }

  get identityHeader(): string {
    return this.secrets.identityHeader;
  }

  /** What the process of a run or a deployment sends to the identity endpoint to get tokens of its identity. */
  headerOf(principal: Principal): string {
    return jwt.sign({ ...principal }, this.identityHeader, { noTimestamp: true });
  }

  /** Whose tokens an identity header stands for. */
  private askerOf(header: string, resource: string | undefined): Principal | undefined {
    const [given, wanted] = [Buffer.from(header), Buffer.from(this.identityHeader)];
    if (given.length === wanted.length && timingSafeEqual(given, wanted)) return deployer;
    try {
      const principal = jwt.verify(header, this.identityHeader, { algorithms: ["HS256"] }) as Principal;
      // Azure ML hands a run a token of its own for all but data.
      return resource !== undefined && /storage|\.blob\./.test(resource) ? principal : service;
    } catch {
      return undefined;
    }
  }

  issue(audience: string, principal: Principal = deployer): { token: string; expiresOn: number } {
    const now = Math.floor(Date.now() / 1000);
    const expiresOn = now + lifetimeSeconds;
    const localExpiry = this.clock.now() + lifetimeSeconds * 1000;
    const claims = {
      // Clients and the blob service have clocks of their own, so the usual claims are in real time.
      [localExpiryClaim]: localExpiry,
      oid: principal.objectId,
      sub: principal.objectId,
      appid: principal.clientId,
      tid: tenantId,
      iat: now,
      nbf: now - 60,
      exp: expiresOn,
      ver: "1.0",
      name: principal.name,
    };
    const token = jwt.sign(claims, this.secrets.privateKey, {
      algorithm: "RS256",
      keyid: this.keyId,
      issuer,
      audience,
    });
    return { token, expiresOn: Math.floor(Math.min(expiresOn, this.clock.realTimeOf(localExpiry) / 1000)) };
  }

  /** Who asks. @throws ArmError 401 without a valid token */
  authenticate(request: FastifyRequest): Principal {
    const [scheme, token] = (request.headers.authorization ?? "").split(" ");
    if (scheme?.toLowerCase() !== "bearer" || !token) {
      throw new ArmError(401, "AuthenticationFailed", "Authentication failed. The 'Authorization' header is missing.");
    }
    const claims = this.verify(token);
    const audience = String(claims.aud);
    if (!this.audiences.has(audience)) {
      throw new ArmError(
        401,
        "InvalidAuthenticationTokenAudience",
        `The access token has been obtained for wrong audience or resource '${audience}'. It should exactly match with one of the allowed audiences '${[...this.audiences].join("','")}'.`,
      );
    }
    return { objectId: String(claims.oid), clientId: String(claims.appid), name: String(claims.name) };
  }

  private verify(token: string): jwt.JwtPayload {
    try {
      const claims = jwt.verify(token, this.publicKey, { algorithms: ["RS256"], issuer }) as jwt.JwtPayload;
      if (this.clock.now() < Number(claims[localExpiryClaim])) return claims;
      throw new jwt.TokenExpiredError("jwt expired", new Date(this.clock.now()));
    } catch (error) {
      const expired = error instanceof jwt.TokenExpiredError;
      throw new ArmError(
        401,
        expired ? "ExpiredAuthenticationToken" : "InvalidAuthenticationToken",
        expired ? "The access token has expired." : "The access token is invalid.",
      );
    }
  }

  /**
   * The App Service identity endpoint, which DefaultAzureCredential finds through IDENTITY_ENDPOINT, and the OpenID
   * documents by which others check tokens of this cloud.
   */
  routes(server: FastifyInstance): void {
    for (const prefix of ["", `/${tenantId}`, "/common"]) {
      server.get(`${prefix}/.well-known/openid-configuration`, { config: { public: true } }, async () => ({
        issuer,
        jwks_uri: `${this.url}/discovery/keys`,
        token_endpoint: `${this.url}/msi/token`,
        response_types_supported: ["token"],
        subject_types_supported: ["public"],
        id_token_signing_alg_values_supported: ["RS256"],
      }));
    }
    server.get("/discovery/keys", { config: { public: true } }, async () => ({
      keys: [{ ...this.publicKey.export({ format: "jwk" }), kid: this.keyId, use: "sig", alg: "RS256" }],
    }));
    server.get<{ Querystring: Record<string, string> }>(
      "/msi/token",
      { config: { public: true } },
      async (request, reply) => {
        const { resource } = request.query;
        const asker = this.askerOf(String(request.headers["x-identity-header"] ?? ""), resource);
        if (!asker) {
          return reply
            .status(401)
            .send({ statusCode: 401, message: "The X-IDENTITY-HEADER header is missing or wrong." });
        }
        if (!resource)
          return reply.status(400).send({ statusCode: 400, message: "The query parameter 'resource' is missing." });
        const { token, expiresOn } = this.issue(resource, asker);
        return {
          access_token: token,
          expires_on: String(expiresOn),
          resource,
          token_type: "Bearer",
          client_id: asker.clientId,
        };
      },
    );
  }
}
