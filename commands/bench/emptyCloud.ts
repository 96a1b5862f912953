import { setTimeout as sleep } from "node:timers/promises";
import { stopCloud } from "../../local/emulator/control";
import { stateFolders } from "../../local/state";
import { processMemory } from "./footprint";
import { benchCloud } from "./interruption";

/** Time that a started cloud gets to come to rest before its memory is taken. */
const restMs = 3_000;

/** Starts a cloud in an empty state folder twice (the first start makes certificates) and measures the second. */
export async function emptyCloud(): Promise<{ startMs: number; idle: number }> {
  const { root } = stateFolders();
  await benchCloud(root);
  await stopCloud(root);
  const started = Date.now();
  await benchCloud(root);
  const startMs = Date.now() - started;
  await sleep(restMs);
  const idle = (await processMemory(root)).reduce((sum, { bytes }) => sum + bytes, 0);
  return { startMs, idle };
}
