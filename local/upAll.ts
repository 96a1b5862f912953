import { readUp, summaryByCommand, withEventLog } from "../lib/summary";
import { hasColour, showError, step } from "../lib/terminal";
import { startCloud } from "./emulator/control";
import type { Engine } from "./engine";
import { clearDeadLocks } from "./engineLocks";
import type { CloudRecord } from "./environment";
import { keepingCloud } from "./keepCloud";
import type { Platform } from "./platform";
import { requireLabelStudio } from "./labeling/required";
import { withPolicies } from "./policies";
import { findEngine, makeSample } from "./preparation";
import { fetchReport } from "./promotionReport";
import type { SampleFolder } from "./sample";
import { scorePicture } from "./scoredPicture";
import { LocalStack } from "./stack";
import { defaultStack, writeStackConfig } from "./stackChoice";
import type { StateFolders } from "./state";
import { failureSummaryOf, summaryOf } from "./summary";

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
  return keepingCloud(folders.root, signal, () => up(engine, record, folders, { sample, started, signal }));
}

async function up(
  engine: Engine,
  record: CloudRecord,
  folders: StateFolders,
  { sample, started, signal }: { sample: SampleFolder; started: number; signal: AbortSignal },
): Promise<number> {
  const stack = await LocalStack.open(engine, record, folders);
  signal.throwIfAborted();
  const colour = hasColour(process.stdout) ? "always" : "never";
  const args = ["up", "--yes", "--skip-preview", "--suppress-outputs", "--color", colour];
  const { answer: status, events } = await withEventLog((log) =>
    stack.run(withPolicies([...args, ...log]), { [summaryByCommand]: "1" }),
  );
  signal.throwIfAborted();
  const done = readUp(events);
  if (status !== 0) {
    console.log(`\n${await failureSummaryOf(done)}\n`);
    showError('not complete. Mend the cause, and "npm run up:local" goes on from here.');
    return status;
  }
  const platform = JSON.parse(await stack.quietly(["stack", "output", "platform", "--json"])) as Platform;
  const picture = await scorePicture(record, platform, sample, folders.pictures, signal);
  const report = await fetchReport(record, platform, folders.pictures, signal);
  console.log(`\n${await summaryOf(done, Date.now() - started, platform, { picture, report })}`);
  return 0;
}
