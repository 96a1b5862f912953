import { homedir } from "node:os";
import { join } from "node:path";

/** Folder of what is expensive to get and the same for all checkouts. */
export function cacheRoot(environment: NodeJS.ProcessEnv): string {
  const root = environment.XDG_CACHE_HOME || join(environment.HOME || homedir(), ".cache");
  return join(root, "azure-ml-object-detection");
}
