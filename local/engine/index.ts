import { mkdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { lockPath } from "../lock";
import { buildEngine, type BuildProgress } from "./build";
import { cacheFolder, fill, isIntact } from "./cache";
import { findByLauncher } from "./launcher";
import { findOnPath } from "./onPath";
import { builtVersion } from "./version";

export interface Engine {
  /** Path of the `pulumi` executable. */
  pulumi: string;
  version: string;
  source: "path" | "cache" | "launcher" | "build";
  /** Folders to put first on PATH, so that the engine finds its language host. */
  searchPath: string[];
}

export interface EngineSettings {
  environment?: NodeJS.ProcessEnv;
  /** A line for people, now and then. */
  onProgress?: (line: string) => void;
  /** How far the build of an engine is. */
  onBuild?: BuildProgress;
  /** Ends what is under way, a build for instance. */
  signal?: AbortSignal;
}

/** A builder that gives no sign of life for this long is taken for dead. */
const staleLockMs = 20_000;

/**
 * Finds a Pulumi engine, or makes one: on PATH, in the cache, by the npm launcher, from Go modules.
 * @throws UserError that says what to install when there is no way
 */
export async function ensureEngine({
  environment = process.env,
  onProgress = () => {},
  onBuild = () => {},
  signal,
}: EngineSettings = {}): Promise<Engine> {
  const onPath = await findOnPath(environment.PATH ?? "", onProgress);
  if (onPath) return engine(onPath.pulumi, onPath.version, "path");
  const folder = cacheFolder(environment);
  const cached = () => engine(join(folder, "pulumi"), builtVersion, "cache");
  if (await isIntact(folder)) return cached();
  const launched = await findByLauncher(environment, onProgress, signal);
  if (launched) return engine(launched.pulumi, launched.version, "launcher");

  await mkdir(dirname(folder), { recursive: true });
  const release = await lockPath(folder, { staleMs: staleLockMs, signal });
  try {
    // Another process may have built it while this one waited.
    if (await isIntact(folder)) return cached();
    await fill(folder, (draft) => buildEngine(draft, environment, onBuild, signal));
    return { ...cached(), source: "build" };
  } finally {
    await release();
  }
}

function engine(pulumi: string, version: string, source: Engine["source"]): Engine {
  return { pulumi, version, source, searchPath: [dirname(pulumi)] };
}
