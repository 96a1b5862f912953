import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

export const contractFolder = join(__dirname, "..", "..", "contract");
export const releases = join(contractFolder, "released");

/** The last released version of the contract, and its JSON Schema; undefined before the first one. */
export function lastRelease(): { version: string; schema: Record<string, unknown> } | undefined {
  const version = readdirSync(releases)
    .filter((name) => /^\d+\.\d+\.json$/.test(name))
    .map((name) => name.slice(0, -".json".length))
    .sort((a, b) => rank(a) - rank(b))
    .at(-1);
  if (version === undefined) return undefined;
  const text = readFileSync(join(releases, `${version}.json`), "utf8");
  return { version, schema: JSON.parse(text) as Record<string, unknown> };
}

function rank(version: string): number {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  return major * 100_000 + minor;
}
