import { createHash, randomBytes, randomUUID, timingSafeEqual } from "node:crypto";
import type { JsonWebKey } from "node:crypto";
import type { Principal, Store, Table } from "../contracts";

/** Who else may get a token as the application: whoever shows an assertion of this issuer for this subject. */
export interface FederatedCredential {
  id: string;
  name: string;
  issuer: string;
  subject: string;
  audiences: string[];
  /** Keys of an issuer that is not this cloud itself. */
  keys?: JsonWebKey[];
}

export interface Application {
  /** Of the registration; the principal has an id of its own. */
  id: string;
  appId: string;
  displayName: string;
  /** Of the service principal, to which roles are assigned. */
  principalId: string;
  secrets: { keyId: string; hash: string; endDateTime: string }[];
  federated: FederatedCredential[];
}

const secretDays = 365;

/** App registrations and their principals. */
export class Applications {
  private readonly table: Table<Application>;

  constructor(store: Store) {
    this.table = store.table("applications");
  }

  list(): Application[] {
    return [...this.table.list()].map(({ value }) => value);
  }

  get(id: string): Application | undefined {
    return this.table.get(id.toLowerCase());
  }

  byAppId(appId: string): Application | undefined {
    return this.list().find((application) => application.appId === appId.toLowerCase());
  }

  async create(displayName: string): Promise<Application> {
    const application = {
      id: randomUUID(),
      appId: randomUUID(),
      displayName,
      principalId: randomUUID(),
      secrets: [],
      federated: [],
    };
    await this.table.put(application.id, application);
    return application;
  }

  /** The text of a new secret, of which a hash alone is kept. */
  async addSecret(application: Application): Promise<{ keyId: string; secretText: string; endDateTime: string }> {
    const secretText = randomBytes(30).toString("base64url");
    const keyId = randomUUID();
    const endDateTime = new Date(Date.now() + secretDays * 86_400_000).toISOString();
    const secret = { keyId, hash: hashOf(secretText), endDateTime };
    await this.table.put(application.id, { ...application, secrets: [...application.secrets, secret] });
    return { keyId, secretText, endDateTime };
  }

  async addFederated(application: Application, given: Omit<FederatedCredential, "id">): Promise<FederatedCredential> {
    const credential = { id: randomUUID(), ...given };
    await this.table.put(application.id, { ...application, federated: [...application.federated, credential] });
    return credential;
  }

  async remove(id: string): Promise<void> {
    await this.table.remove(id.toLowerCase());
  }
}

export function acceptsSecret({ secrets }: Application, given: string): boolean {
  const hash = Buffer.from(hashOf(given));
  return secrets.some(
    (secret) => Date.parse(secret.endDateTime) > Date.now() && timingSafeEqual(Buffer.from(secret.hash), hash),
  );
}

export function principalOf({ principalId, appId, displayName }: Application): Principal {
  return { objectId: principalId, clientId: appId, name: displayName };
}

/** Secrets are long and random, so a plain hash of one leads nobody back to it. */
function hashOf(secret: string): string {
  return createHash("sha256").update(secret).digest("hex");
}
