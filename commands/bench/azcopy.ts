import { execFile } from "node:child_process";
import { cp, mkdir, mkdtemp, rename, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { userCacheFolder } from "../../lib/cacheFolder";

const run = promisify(execFile);

/** Of the module in `azcopy/`. */
const builtVersion = "10.28.1";

/** azcopy of the PATH, or one that Go builds once (some minutes) into the user's cache; undefined where there is neither. */
export async function findAzcopy(): Promise<string | undefined> {
  if (await run("azcopy", ["--version"]).catch(() => undefined)) return "azcopy";
  const cache = userCacheFolder();
  const cached = join(cache, `azcopy-${builtVersion}-${process.platform}-${process.arch}`);
  if (await stat(cached).catch(() => undefined)) return cached;
  if (!(await run("go", ["version"]).catch(() => undefined))) return undefined;
  console.error(`building azcopy ${builtVersion} with Go, some minutes at first`);
  const work = await mkdtemp(join(tmpdir(), "azcopy-build-"));
  try {
    await cp(join(__dirname, "azcopy"), work, { recursive: true });
    const output = join(work, "azcopy");
    const build = [
      "build",
      "-trimpath",
      "-ldflags",
      "-w -s",
      "-o",
      output,
      "github.com/Azure/azure-storage-azcopy/v10",
    ];
    await run("go", build, {
      cwd: work,
      env: { ...process.env, GOFLAGS: "-mod=mod", GOWORK: "off", CGO_ENABLED: "0" },
      maxBuffer: 1e8,
    });
    await mkdir(cache, { recursive: true });
    await cp(output, `${cached}.${process.pid}`);
    await rename(`${cached}.${process.pid}`, cached);
    return cached;
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

/** Copies a folder's files to a container's address with a SAS, MD5 set as ours. @throws Error when azcopy fails */
export async function runAzcopy(azcopy: string, folder: string, url: string, workFolder: string): Promise<void> {
  await run(
    azcopy,
    ["copy", `${folder}/*`, url, "--from-to", "LocalBlob", "--recursive", "--put-md5", "--output-level", "quiet"],
    {
      env: {
        ...process.env,
        AZCOPY_LOG_LOCATION: join(workFolder, "azcopy-logs"),
        AZCOPY_JOB_PLAN_LOCATION: join(workFolder, "azcopy-plans"),
      },
    },
  );
}
