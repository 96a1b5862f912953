import { homedir } from "node:os";
import { join } from "node:path";

/** Folder of this program for what can be made again: below `XDG_CACHE_HOME`, or else `~/.cache`. */
export function userCacheFolder(environment: NodeJS.ProcessEnv = process.env): string {
  const root = environment.XDG_CACHE_HOME || join(environment.HOME || homedir(), ".cache");
  return join(root, "azure-ml-object-detection");
}
