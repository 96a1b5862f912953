import { progress, step, type Output } from "../lib/terminal";
import { ensureEngine, type Engine } from "./engine";
import { ensureSample, type SampleFolder } from "./sample";

/** The engine, with its build shown when there must be one. @param output where its lines go */
export async function findEngine(signal: AbortSignal, output: Output): Promise<Engine> {
  const bar = progress("building the engine");
  return ensureEngine({ onProgress: (line) => step(line, output), onBuild: bar.report, signal }).finally(bar.end);
}

export async function makeSample(folder: string, signal: AbortSignal): Promise<SampleFolder> {
  const bar = progress("making the sample images");
  return ensureSample(folder, bar.report, signal).finally(bar.end);
}
