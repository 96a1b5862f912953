import type { TokenCredential } from "@azure/identity";
import { sdk } from "./sdk";

let shared: TokenCredential | undefined;

/**
 * The process's one credential: environment, workload identity, managed identity, then developer tools. It is shared
 * because it caches tokens, and every instance would otherwise ask for its own.
 */
export function azureCredential(): TokenCredential {
  shared ??= new sdk.identity.DefaultAzureCredential();
  return shared;
}
