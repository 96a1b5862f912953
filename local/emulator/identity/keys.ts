import { createHash, createPublicKey, generateKeyPair, randomBytes, type KeyObject } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import writeFileAtomic from "write-file-atomic";
import { UserError } from "../../../lib/errors";

interface Stored {
  /** What a client of the identity endpoint must send; whoever reads this file is the deployer. */
  identityHeader: string;
  privateKey: string;
}

/** The key that signs tokens, and the secret of the identity endpoint. */
export class SigningKey {
  readonly publicKey: KeyObject;
  readonly keyId: string;

  private constructor(private readonly stored: Stored) {
    this.publicKey = createPublicKey(stored.privateKey);
    this.keyId = createHash("sha256")
      .update(this.publicKey.export({ type: "spki", format: "der" }))
      .digest("hex")
      .slice(0, 16);
  }

  /**
   * That of a folder, made at its first use.
   * @throws UserError when its file is damaged
   */
  static async open(folder: string): Promise<SigningKey> {
    const file = join(folder, "identity.json");
    const text = await readFile(file, "utf8").catch(() => undefined);
    if (text !== undefined) {
      try {
        return new SigningKey(JSON.parse(text) as Stored);
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
    const stored: Stored = { identityHeader: randomBytes(24).toString("hex"), privateKey };
    await writeFileAtomic(file, JSON.stringify(stored), { mode: 0o600 });
    return new SigningKey(stored);
  }

  get identityHeader(): string {
    return this.stored.identityHeader;
  }

  get privatePem(): string {
    return this.stored.privateKey;
  }

  get publicPem(): string {
    return this.publicKey.export({ type: "spki", format: "pem" }).toString();
  }

  /** As a member of a JWKS. */
  get jwk(): object {
    return { ...this.publicKey.export({ format: "jwk" }), kid: this.keyId, use: "sig", alg: "RS256" };
  }
}
