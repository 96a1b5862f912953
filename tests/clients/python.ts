import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { run } from "./run";

/** The oldest Python that the pinned packages take. */
const oldest = [3, 10] as const;

/** The Python of a folder of packages, which is made at its first use and after a change of what it must hold. */
export async function pythonFolder(
  packagesFolder: string,
  name: string,
  requirements: string,
): Promise<{ command: string } | { leftOut: string }> {
  const found = await promisify(execFile)("python3", ["-c", "import sys; print(*sys.version_info[:2])"]).then(
    ({ stdout }) => stdout.trim(),
    () => "",
  );
  const [major = 0, minor = 0] = found.split(" ").map(Number);
  if (major !== oldest[0] || minor < oldest[1])
    return {
      leftOut: `Python ${oldest.join(".")} or later is needed on PATH; there is ${found.replace(" ", ".") || "none"}`,
    };
  const stamp = createHash("sha256")
    .update(found)
    .update(await readFile(requirements))
    .digest("hex");
  const folder = join(packagesFolder, name);
  const command = join(folder, "bin", "python");
  const stampFile = join(folder, "STAMP");
  if (existsSync(stampFile) && (await readFile(stampFile, "utf8")) === stamp) return { command };
  await rm(folder, { recursive: true, force: true });
  await mkdir(packagesFolder, { recursive: true });
  for (const [program, args] of [
    ["python3", ["-m", "venv", folder]],
    [command, ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps", "-r", requirements]],
  ] as const) {
    const { status } = await run(program, args, packagesFolder, process.env);
    if (status !== 0) throw new Error(`${program} ${args.join(" ")} ended with status ${status}`);
  }
  await writeFile(stampFile, stamp);
  return { command };
}
