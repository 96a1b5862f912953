import { randomBytes } from "node:crypto";

const makers = {
  /** 35 characters of which 32 are random; the others are of the three kinds that databases demand. */
  password: () => `${randomBytes(24).toString("base64url")}Aa7`,
  /** 40 hexadecimal digits, as Label Studio's tokens have. */
  token: () => randomBytes(20).toString("hex"),
  /** `ID:KEY` for the image gateway, see lib/labeling/signedPath. */
  imageKey: () => `${randomBytes(4).toString("hex")}:${randomBytes(32).toString("base64url")}`,
} as const;

export type SecretForm = keyof typeof makers;

/** A new secret, from the system's own source of randomness. */
export function makeSecret(form: SecretForm): string {
  return makers[form]();
}
