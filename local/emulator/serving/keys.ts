import { randomBytes, timingSafeEqual } from "node:crypto";
import type { Store } from "../contracts";

interface Keys {
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

  async accepts(endpointId: string, given: string): Promise<boolean> {
    const { primaryKey, secondaryKey } = await this.of(endpointId);
    return [primaryKey, secondaryKey].some(
      (key) => key.length === given.length && timingSafeEqual(Buffer.from(key), Buffer.from(given)),
    );
  }
}

function newKey(): string {
  return randomBytes(24).toString("base64url");
}
