import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import type { Store } from "../contracts";

export interface Keys {
  primaryKey: string;
  secondaryKey: string;
}

/** Keys of the endpoints; they are answered to listKeys, and stand nowhere else. */
export class EndpointKeys {
  private readonly table;

  constructor(store: Store) {
    this.table = store.table<Keys>("endpointKeys");
  }

  async of(endpointId: string): Promise<Keys> {
    const existing = this.table.get(endpointId.toLowerCase());
    if (existing) return existing;
    const keys = { primaryKey: newKey(), secondaryKey: newKey() };
    await this.table.put(endpointId.toLowerCase(), keys);
    return keys;
  }

  async regenerate(endpointId: string, which: "Primary" | "Secondary"): Promise<void> {
    const keys = await this.of(endpointId);
    await this.table.put(endpointId.toLowerCase(), {
      ...keys,
      [which === "Primary" ? "primaryKey" : "secondaryKey"]: newKey(),
    });
  }

  async remove(endpointId: string): Promise<void> {
    await this.table.remove(endpointId.toLowerCase());
  }

  /** Keys that the client has chosen; a missing one is made. */
  async set(endpointId: string, keys: Partial<Keys>): Promise<void> {
    const { primaryKey, secondaryKey } = keys;
    await this.table.put(endpointId.toLowerCase(), {
      primaryKey: primaryKey || newKey(),
      secondaryKey: secondaryKey || newKey(),
    });
  }

  /** A token for scoring that is good until a time, in seconds since 1970, or until the primary key is made anew. */
  async token(endpointId: string, expires: number): Promise<string> {
    const { primaryKey } = await this.of(endpointId);
    return `${expires}.${createHmac("sha256", primaryKey).update(String(expires)).digest("base64url")}`;
  }

  async acceptsKey(endpointId: string, given: string): Promise<boolean> {
    const { primaryKey, secondaryKey } = await this.of(endpointId);
    return [primaryKey, secondaryKey].some((key) => equal(key, given));
  }

  async acceptsToken(endpointId: string, given: string, now: number): Promise<boolean> {
    const expires = Number(given.split(".")[0]);
    return expires > now && equal(await this.token(endpointId, expires), given);
  }
}

function equal(wanted: string, given: string): boolean {
  const [left, right] = [Buffer.from(wanted), Buffer.from(given)];
  return left.length === right.length && timingSafeEqual(left, right);
}

function newKey(): string {
  return randomBytes(24).toString("base64url");
}
