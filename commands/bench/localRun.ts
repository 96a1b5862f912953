import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { projectFolder } from "../../local/state";
import { benchInterruption } from "./interruption";

export interface LocalRun {
  totalMs: number;
  /** Where the time went, in order. */
  phases: { name: string; ms: number }[];
}

interface PrintedLine {
  at: number;
  text: string;
}

/** Runs `npm run up:local` as a user does. @throws Error with its output when it fails */
export async function runUpLocal(): Promise<LocalRun> {
  const started = Date.now();
  const child = spawn("npm", ["run", "up:local"], {
    cwd: projectFolder,
    stdio: ["ignore", "pipe", "pipe"],
    signal: benchInterruption.signal,
  });
  const lines: PrintedLine[] = [];
  for (const input of [child.stdout, child.stderr])
    createInterface({ input }).on("line", (text) => lines.push({ at: Date.now(), text }));
  const [code] = (await once(child, "close")) as [number | null];
  const ended = Date.now();
  if (code !== 0)
    throw new Error(`npm run up:local ended with status ${code}:\n${lines.map(({ text }) => text).join("\n")}`);
  return { totalMs: ended - started, phases: phasesOf(started, ended, lines) };
}

/** By when the engine says what it does; nothing where it makes nothing. */
function phasesOf(started: number, ended: number, lines: readonly PrintedLine[]): LocalRun["phases"] {
  const first = lines.find(({ text }) => / creating /.test(text));
  const begun = lines.find(({ text }) => /TrainingJob .* creating /.test(text));
  const trained = lines.findLast(({ text }) => /TrainingJob .* created /.test(text));
  const last = lines.findLast(({ text }) => text.startsWith("Duration:"));
  if (!first || !begun || !trained || !last) return [];
  const marks: [string, number][] = [
    ["engine, local cloud, start of the program", first.at],
    ["infrastructure and data", begun.at],
    ["training (three trials)", trained.at],
    ["registration, endpoint, deployment", last.at],
    ["scored picture", ended],
  ];
  let previous = started;
  return marks.map(([name, at]) => {
    const ms = at - previous;
    previous = at;
    return { name, ms };
  });
}
