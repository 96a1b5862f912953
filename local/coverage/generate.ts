import { messageOf } from "../../lib/errors";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { format, resolveConfig } from "prettier";
import { Agent, fetch } from "undici";
import { startCloud, stopCloud } from "../emulator/control";
import type { CoverageRow } from "../emulator/coverage";
import { withSdkOperations } from "./sdkOperations";
import { tableOf } from "./table";

/**
 * Writes the coverage table into docs/local.md, as a running local cloud tells it; `--check` fails when it is not what
 * stands there.
 */
const guide = join(__dirname, "..", "..", "docs", "local.md");
const markers = ["<!-- coverage: npm run generate:coverage -->", "<!-- end of coverage -->"] as const;

async function rowsOfCloud(): Promise<CoverageRow[]> {
  const folder = await mkdtemp(join(tmpdir(), "coverage-"));
  try {
    const record = await startCloud(folder);
    const dispatcher = new Agent({ connect: { ca: await readFile(record.caFile, "utf8") } });
    const answer = await fetch(`${record.url}/coverage`, { dispatcher });
    const { value } = (await answer.json()) as { value: CoverageRow[] };
    await dispatcher.close();
    return value;
  } finally {
    await stopCloud(folder);
    await rm(folder, { recursive: true, force: true });
  }
}

async function main(check: boolean): Promise<void> {
  const text = await readFile(guide, "utf8");
  const [begin, end] = markers.map((marker) => text.indexOf(marker)) as [number, number];
  if (begin < 0 || end < begin) throw new Error(`docs/local.md needs the lines ${markers.join(" and ")}`);
  const table = tableOf(await withSdkOperations(await rowsOfCloud()));
  const written = `${text.slice(0, begin)}${markers[0]}\n\n${table}\n\n${text.slice(end)}`;
  const formatted = await format(written, { ...(await resolveConfig(guide)), parser: "markdown" });
  if (!check) return writeFile(guide, formatted);
  if (formatted !== text) throw new Error("docs/local.md tells of another coverage. Run: npm run generate:coverage");
}

main(process.argv.includes("--check")).catch((error: unknown) => {
  console.error(messageOf(error));
  process.exitCode = 1;
});
