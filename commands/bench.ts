import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { UserError } from "../lib/errors";
import { didYouMean } from "../lib/nearestName";
import { converterRows } from "./bench/converter";
import { emptyCloud } from "./bench/emptyCloud";
import { databaseBytes, processMemory } from "./bench/footprint";
import { labelingRows } from "./bench/labeling";
import { measureLoad, type LoadFigures } from "./bench/load";
import { endingCleanly } from "./bench/interruption";
import { runUpLocal } from "./bench/localRun";
import { previewRows } from "./bench/preview";
import { printRows, type Row } from "./bench/rows";
import { servingRows } from "./bench/serving";
import { compareUploads } from "./bench/upload";
import { watchManyJobs } from "./bench/watching";
import { runCommand } from "./runCommand";

const megabyte = 1024 * 1024;
const seconds = (ms: number) => `${(ms / 1000).toFixed(1)} s`;

/** The table's parts by name, in its order. */
const parts: Record<string, (folder: string) => Promise<Row[]>> = {
  local: async (folder) => [
    ...(await flowRows(folder)),
    ...(await servingRows()),
    ...(await watchingRows()),
    ...loadRows(await measureLoad()),
  ],
  preview: previewRows,
  upload: compareUploads,
  converter: converterRows,
  labeling: labelingRows,
};
/** Parts that are measured only when they are named: they need what the others do without. */
const onlyNamed = ["labeling"];

/**
 * Measures in a state folder of its own and prints a table: all parts but Label Studio's, or those that are named. Figures depend on the machine
 * and its load.
 */
async function main(): Promise<void> {
  const names = process.argv.slice(2);
  const unknown = names.find((name) => !parts[name]);
  if (unknown !== undefined)
    throw new UserError(`"${unknown}" is no part of the bench; ${didYouMean(unknown, Object.keys(parts))}`);
  const folder = await mkdtemp(join(tmpdir(), "bench-"));
  process.env.LOCAL_STATE_DIR = folder;
  const rows: Row[] = [];
  await endingCleanly(folder, async () => {
    for (const [name, measure] of Object.entries(parts)) {
      if (names.length === 0 ? !onlyNamed.includes(name) : names.includes(name)) rows.push(...(await measure(folder)));
    }
  });
  printRows(rows);
}

/** The flow of `up:local`, whose stack and cloud are left for what follows. */
async function flowRows(folder: string): Promise<Row[]> {
  const rows: Row[] = [];
  const { idle, startMs } = await emptyCloud();
  rows.push({ what: "start of the local cloud", figure: seconds(startMs), limit: "2 s" });
  rows.push({
    what: "memory of the idle local cloud, Azurite included",
    figure: `${Math.round(idle / megabyte)} MB`,
    limit: "250 MB",
  });

  const first = await runUpLocal();
  rows.push({ what: "up:local from an empty cloud", figure: seconds(first.totalMs), limit: "150 s" });
  for (const { name, ms } of first.phases) rows.push({ what: `  of which ${name}`, figure: seconds(ms), limit: "" });

  const before = await databaseBytes(folder);
  const second = await runUpLocal();
  rows.push({ what: "up:local again, nothing to change", figure: seconds(second.totalMs), limit: "15 s" });
  await runUpLocal();
  rows.push({
    what: "growth of the state database over two runs without changes",
    figure: `${Math.round(((await databaseBytes(folder)) - before) / 1024)} KiB`,
    limit: "0 KiB",
  });

  for (const { name, bytes } of await processMemory(folder)) {
    rows.push({ what: `memory with a deployment: ${name}`, figure: `${Math.round(bytes / megabyte)} MB`, limit: "" });
  }
  return rows;
}

async function watchingRows(): Promise<Row[]> {
  const { jobs, perSecond } = await watchManyJobs();
  return [
    { what: `requests a second while ${jobs} running jobs are watched`, figure: perSecond.toFixed(1), limit: "10" },
    { what: "  the same with one GET a job every 10 s (peer)", figure: (jobs / 10).toFixed(1), limit: "" },
  ];
}

function loadRows({ clients, loads, listingGrowth }: LoadFigures): Row[] {
  return [
    ...loads.map(({ what, perSecond, p50, p99 }) => ({
      what: `${clients} clients: ${what}`,
      figure: `${Math.round(perSecond)}/s, p50 ${Math.round(p50)} ms, p99 ${Math.round(p99)} ms`,
      limit: "",
    })),
    {
      what: "growth of the cloud's memory while all clients list all resources",
      figure: `${Math.round(listingGrowth / megabyte)} MB`,
      limit: "128 MB",
    },
  ];
}

runCommand(main);
