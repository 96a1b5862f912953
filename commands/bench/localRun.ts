import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { projectFolder } from "../../local/state";

import { benchInterruption } from "./interruption";

export interface LocalRun {
  totalMs: number;
  /** Where the time went, in order. */
  phases: { name: string; ms: number }[];
}

interface EngineEvent {
  /** Seconds since 1970. */
  timestamp: number;
  resourcePreEvent?: { metadata: { urn: string; op: string } };
  resOutputsEvent?: { metadata: { urn: string } };
}

/** Runs `npm run up:local` as a user does. @throws Error with its output when it fails */
export async function runUpLocal(stateFolder: string): Promise<LocalRun> {
  const started = Date.now();
  const child = spawn("npm", ["run", "up:local"], {
    cwd: projectFolder,
    stdio: ["ignore", "pipe", "pipe"],
    signal: benchInterruption.signal,
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr])
    stream.on("data", (chunk: Buffer) => (output += chunk.toString("utf8")));
  const [code] = (await once(child, "close")) as [number | null];
  const ended = Date.now();
  if (code !== 0) throw new Error(`npm run up:local ended with status ${code}:\n${output}`);
  const text = await readFile(join(stateFolder, "pulumi", "events.json"), "utf8");
  const events = text
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as EngineEvent);
  return { totalMs: ended - started, phases: phasesOf(started, ended, events) };
}

/** The engine's events have whole seconds only, so a phase can be off by one. */
function phasesOf(started: number, ended: number, events: readonly EngineEvent[]): LocalRun["phases"] {
  const begins = events.filter(({ resourcePreEvent: event }) => event && event.metadata.op !== "same");
  const first = begins.at(0);
  const training = (urn: string) => urn.includes("azureml:TrainingJob::");
  const begun = begins.find(({ resourcePreEvent: event }) => training(event?.metadata.urn ?? ""));
  const trained = events.filter(({ resOutputsEvent: event }) => training(event?.metadata.urn ?? "")).at(-1);
  const last = events.at(-1);
  if (!first || !begun || !trained || !last) return [];
  const marks: [string, number][] = [
    ["engine, local cloud, start of the program", first.timestamp * 1000],
    ["infrastructure and data", begun.timestamp * 1000],
    ["training (three trials)", trained.timestamp * 1000],
    ["registration, endpoint, deployment", last.timestamp * 1000],
    ["scored picture", ended],
  ];
  let previous = started;
  return marks.map(([name, at]) => {
    const ms = Math.max(0, at - previous);
    previous = Math.max(previous, at);
    return { name, ms };
  });
}
