import { setTimeout as sleep } from "node:timers/promises";
import { startCloud, stopCloud } from "../../local/emulator/control";
import { stateFolders } from "../../local/state";
import { processMemory } from "./footprint";

/** Time that a started cloud gets to come to rest before its memory is taken. */
const restMs = 3_000;

/** Starts a cloud in an empty state folder twice (the first start makes certificates) and measures the second. */
export async function emptyCloud(): Promise<{ startMs: number; idle: number }> {
  const { root } = stateFolders();
  await startCloud(root);
  await stopCloud(root);
  const started = Date.now();
  await startCloud(root);
  const startMs = Date.now() - started;
  await sleep(restMs);
  const idle = (await processMemory(root)).reduce((sum, { bytes }) => sum + bytes, 0);
  return { startMs, idle };
}
