import { createHash } from "node:crypto";
import { createReadStream, readFileSync } from "node:fs";
import { mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { pipeline } from "node:stream/promises";
import { userCacheFolder } from "../../lib/cacheFolder";
import { dynamicProviderName, hostName } from "./onPath";
import { builtVersion, versionOf } from "./version";

interface Manifest {
  /** SHA-256 of each file. */
  files: Record<string, string>;
}

const engineFiles = ["pulumi", hostName, dynamicProviderName];
export const modulesFolder = join(__dirname, "modules");

/** Folder of the built engine: outside any checkout, one for each version, platform and content of the module files. */
export function cacheFolder(environment: NodeJS.ProcessEnv): string {
  const hash = createHash("sha256");
  for (const module of ["cli", "host"]) {
    for (const file of ["go.mod", "go.sum", "tools.go"]) hash.update(readFileSync(join(modulesFolder, module, file)));
  }
  const key = `${builtVersion}-${process.platform}-${process.arch}-${hash.digest("hex").slice(0, 8)}`;
  return join(userCacheFolder(environment), "engine", key);
}

/** Whether the folder holds a whole engine that runs. A half-written or changed one does not count. */
export async function isIntact(folder: string): Promise<boolean> {
  const text = await readFile(join(folder, "manifest.json"), "utf8").catch(() => undefined);
  if (!text) return false;
  try {
    const { files } = JSON.parse(text) as Manifest;
    for (const name of engineFiles)
      if (files[name] === undefined || files[name] !== (await sha256(join(folder, name)))) return false;
  } catch {
    return false;
  }
  return (await versionOf(join(folder, "pulumi"))) !== undefined;
}

/**
 * Fills a folder by `build` in a private draft, which takes its place in one step when it is complete. Only the holder of
 * the folder's lock may call it: drafts of builds that were killed are removed.
 */
export async function fill(folder: string, build: (draft: string) => Promise<void>): Promise<void> {
  const draftPrefix = `.${basename(folder)}-`;
  await mkdir(dirname(folder), { recursive: true });
  for (const name of await readdir(dirname(folder)))
    if (name.startsWith(draftPrefix)) await rm(join(dirname(folder), name), { recursive: true, force: true });
  const draft = await mkdtemp(join(dirname(folder), draftPrefix));
  try {
    await build(draft);
    const files = Object.fromEntries(
      await Promise.all(engineFiles.map(async (name) => [name, await sha256(join(draft, name))] as const)),
    );
    await writeFile(join(draft, "manifest.json"), JSON.stringify({ files } satisfies Manifest));
    await rm(folder, { recursive: true, force: true });
    await rename(draft, folder);
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
}

async function sha256(file: string): Promise<string> {
  const hash = createHash("sha256");
  await pipeline(createReadStream(file), hash);
  return hash.digest("hex");
}
