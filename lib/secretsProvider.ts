import { readFileSync } from "node:fs";
import { join } from "node:path";

/**
 * By what the secrets of a stack's state are encrypted, as its settings file says: "passphrase", "default" (the backend's own
 * service), or the address of a key.
 * @param folder of Pulumi.yaml
 */
export function secretsProviderOf(folder: string, stack: string): string {
  let text = "";
  try {
    text = readFileSync(join(folder, `Pulumi.${stack.split("/").at(-1)}.yaml`), "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
  }
  const [, provider] = /^secretsprovider:\s*["']?([^"'\s]+)/m.exec(text) ?? [];
  if (provider !== undefined) return provider;
  return /^encryptionsalt:/m.test(text) ? "passphrase" : "default";
}
