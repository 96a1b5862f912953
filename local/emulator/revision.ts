import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { join, relative } from "node:path";

const project = join(__dirname, "../..");
/** What the process of the local cloud is made of. */
const sources = ["local", "lib"];

/** Hash of the local cloud's own code: a process that runs older code than this is started again. */
export async function codeRevision(): Promise<string> {
  const hash = createHash("sha256");
  for (const folder of sources) {
    const entries = await readdir(join(project, folder), { recursive: true, withFileTypes: true });
    const files = entries.filter((entry) => entry.isFile() && /\.(ts|json)$/.test(entry.name));
    for (const file of files.map((entry) => join(entry.parentPath, entry.name)).sort())
      hash.update(relative(project, file)).update(await readFile(file));
  }
  return hash.digest("hex").slice(0, 12);
}
