import { access, constants, realpath } from "node:fs/promises";
import { delimiter, dirname, join, sep } from "node:path";
import { atLeast, leastVersion, versionOf } from "./version";

export interface FoundEngine {
  pulumi: string;
  version: string;
}

export const hostName = "pulumi-language-nodejs";
/** Starts the dynamic providers. A released engine brings it, and so does the Node SDK. */
export const dynamicProviderName = "pulumi-resource-pulumi-nodejs";

/** A `pulumi` on PATH that is new enough and has its Node language host; says why one is passed over. */
export async function findOnPath(path: string, onProgress: (line: string) => void): Promise<FoundEngine | undefined> {
  const folders = path.split(delimiter).filter(Boolean);
  for (const folder of folders) {
    const pulumi = await executable(join(folder, "pulumi"));
    // npm puts the launcher of node_modules on PATH; it is tried later, since it may download.
    if (!pulumi || (await realpath(pulumi)).includes(`${sep}node_modules${sep}`)) continue;
    const version = await versionOf(pulumi);
    if (!version) onProgress(`${pulumi} does not run; it is passed over`);
    else if (!atLeast(version, leastVersion))
      onProgress(`${pulumi} is ${version}; at least ${leastVersion} is needed, so it is passed over`);
    else if (!(await hasHost(dirname(await realpath(pulumi)), folders)))
      onProgress(`${pulumi} has no ${hostName} beside it; it is passed over`);
    else return { pulumi, version };
  }
  return undefined;
}

async function hasHost(own: string, folders: readonly string[]): Promise<boolean> {
  for (const folder of [own, ...folders]) if (await executable(join(folder, hostName))) return true;
  return false;
}

async function executable(file: string): Promise<string | undefined> {
  return access(file, constants.X_OK).then(
    () => file,
    () => undefined,
  );
}
