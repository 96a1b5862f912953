import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { hasColour, showError, step } from "../lib/terminal";
import { startCloud } from "./emulator/control";
import { readUp } from "./engineEvents";
import { clearDeadLocks } from "./engineLocks";
import type { Platform } from "./platform";
import { requireLabelStudio } from "./labeling/required";
import { withPolicies } from "./policies";
import { findEngine, makeSample } from "./preparation";
import { fetchReport } from "./promotionReport";
import { scorePicture } from "./scoredPicture";
import { LocalStack } from "./stack";
import { defaultStack, writeStackConfig } from "./stackChoice";
import type { StateFolders } from "./state";
import { summaryOf } from "./summary";

/** The main job: engine, sample, local cloud, `pulumi up`, and a scored picture. Answers the exit status. */
export async function upAll(folders: StateFolders, signal: AbortSignal): Promise<number> {
  const started = Date.now();
  await clearDeadLocks(folders);
  const engine = await findEngine(signal, process.stdout);
  step(`Pulumi ${engine.version} (${engine.source === "path" ? "on PATH" : engine.source})`);

  await requireLabelStudio(folders.root, ["up"], await writeStackConfig(defaultStack, folders));
  const sample = await makeSample(folders.sample, signal);
  signal.throwIfAborted();
  const record = await startCloud(folders.root, signal);
  step(`local Azure at ${record.url}`);

  const stack = await LocalStack.open(engine, record, folders);
  signal.throwIfAborted();
  const eventLog = join(folders.pulumi, "events.json");
  await rm(eventLog, { force: true });
  // The engine writes secrets into it as they are.
  await writeFile(eventLog, "", { mode: 0o600 });
  const colour = hasColour(process.stdout) ? "always" : "never";
  const up = ["up", "--yes", "--skip-preview", "--suppress-outputs", "--color", colour, "--event-log", eventLog];
  const status = await stack.run(withPolicies(up));
  signal.throwIfAborted();
  if (status !== 0) {
    showError('not complete. Mend the cause, and "npm run up:local" goes on from here.');
    return status;
  }
  const platform = JSON.parse(await stack.quietly(["stack", "output", "platform", "--json"])) as Platform;
  const picture = await scorePicture(record, platform, sample, folders.pictures, signal);
  const report = await fetchReport(record, platform, folders.pictures, signal);
  const done = await readUp(eventLog);
  console.log(summaryOf({ platform, picture, report, up: done, elapsedMs: Date.now() - started }));
  return 0;
}
