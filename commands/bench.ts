import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { converterRows } from "./bench/converter";
import { databaseBytes, processMemory } from "./bench/footprint";
import { measureLoad, type LoadFigures } from "./bench/load";
import { runUpLocal } from "./bench/localRun";
import { comparePreviews } from "./bench/preview";
import { servingRows } from "./bench/serving";
import { compareUploads } from "./bench/upload";
import { emptyCloud } from "./bench/emptyCloud";
import { watchManyJobs } from "./bench/watching";

/** What is measured, and what it is measured against. */
interface Row {
  what: string;
  figure: string;
  limit: string;
}

const megabyte = 1024 * 1024;
const seconds = (ms: number) => `${(ms / 1000).toFixed(1)} s`;

/** Measures the local flow in a state folder of its own and prints a table. Figures depend on the machine and its load. */
async function main(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "bench-"));
  process.env.LOCAL_STATE_DIR = folder;
  const rows: Row[] = [];
  try {
    const { idle, startMs } = await emptyCloud();
    rows.push({ what: "start of the local cloud", figure: seconds(startMs), limit: "2 s" });
    rows.push({
      what: "memory of the idle local cloud, Azurite included",
      figure: `${Math.round(idle / megabyte)} MB`,
      limit: "250 MB",
    });

    const first = await runUpLocal(folder);
    rows.push({ what: "up:local from an empty cloud", figure: seconds(first.totalMs), limit: "150 s" });
    for (const { name, ms } of first.phases) rows.push({ what: `  of which ${name}`, figure: seconds(ms), limit: "" });

    const before = await databaseBytes(folder);
    const second = await runUpLocal(folder);
    rows.push({ what: "up:local again, nothing to change", figure: seconds(second.totalMs), limit: "15 s" });
    await runUpLocal(folder);
    rows.push({
      what: "growth of the state database over two runs without changes",
      figure: `${Math.round(((await databaseBytes(folder)) - before) / 1024)} KiB`,
      limit: "0 KiB",
    });

    const { whole, single } = await comparePreviews();
    rows.push({ what: "preview of one azure-native resource (peer)", figure: seconds(single), limit: "" });
    rows.push({
      what: "preview of the whole stack",
      figure: `${seconds(whole)} = ${(whole / single).toFixed(2)} x the peer`,
      limit: "2.5 x",
    });
    for (const { name, bytes } of await processMemory(folder)) {
      rows.push({ what: `memory with a deployment: ${name}`, figure: `${Math.round(bytes / megabyte)} MB`, limit: "" });
    }

    rows.push(...(await servingRows()));
    rows.push(...(await compareUploads()));

    const { jobs, perSecond } = await watchManyJobs();
    rows.push({
      what: `requests a second while ${jobs} running jobs are watched`,
      figure: perSecond.toFixed(1),
      limit: "10",
    });
    rows.push({ what: "  the same with one GET a job every 10 s (peer)", figure: (jobs / 10).toFixed(1), limit: "" });
    rows.push(...loadRows(await measureLoad()));
    rows.push(...(await converterRows()));
  } finally {
    const { stopCloud } = await import("../local/emulator/control");
    await stopCloud(folder);
    await rm(folder, { recursive: true, force: true });
  }
  print(rows);
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

function print(rows: readonly Row[]): void {
  const widths = (["what", "figure", "limit"] as const).map((key) =>
    Math.max(key.length, ...rows.map((row) => row[key].length)),
  );
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, index) => cell.padEnd(widths[index] ?? 0)).join(" | ")} |`;
  console.log(line(["what", "figure", "limit"]));
  console.log(line(widths.map((width) => "-".repeat(width))));
  for (const { what, figure, limit } of rows) console.log(line([what, figure, limit]));
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
