import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { UserError } from "../lib/errors";
import { startCloud } from "./emulator/control";
import { ensureEngine } from "./engine";
import { clearDeadLocks } from "./engineLocks";
import type { Platform } from "./platform";
import { withPolicies } from "./policies";
import { fetchReport } from "./promotionReport";
import { ensureSample } from "./sample";
import { scorePicture } from "./scoredPicture";
import { LocalStack } from "./stack";
import type { StateFolders } from "./state";
import { counted, step } from "./terminal";

/** The main job: engine, sample, local cloud, `pulumi up`, and a scored picture. Answers the exit status. */
export async function upAll(folders: StateFolders, signal: AbortSignal): Promise<number> {
  const started = Date.now();
  await clearDeadLocks(folders);
  const engine = await ensureEngine({ onProgress: step, signal });
  step(`Pulumi ${engine.version} (${engine.source === "path" ? "on PATH" : engine.source})`);

  const progress = counted("making the sample images");
  const sample = await ensureSample(folders.sample, (done, total) => progress.report(done, total)).finally(() =>
    progress.end(),
  );
  signal.throwIfAborted();
  const record = await startCloud(folders.root, signal);
  step(`local Azure at ${record.url}`);

  const stack = await LocalStack.open(engine, record, folders);
  signal.throwIfAborted();
  const eventLog = join(folders.pulumi, "events.json");
  await rm(eventLog, { force: true });
  // The engine writes secrets into it as they are.
  await writeFile(eventLog, "", { mode: 0o600 });
  const up = ["up", "--yes", "--skip-preview", "--suppress-outputs", "--event-log", eventLog];
  const status = await stack.run(withPolicies(up));
  signal.throwIfAborted();
  if (status !== 0) {
    step('not complete; mend the cause, and "npm run up:local" goes on from here');
    return status;
  }
  const platform = JSON.parse(await stack.quietly(["stack", "output", "platform", "--json"])) as Platform;
  const picture = await scorePicture(record, platform, sample, folders.pictures);
  const report = await fetchReport(record, platform, folders.pictures);
  console.log(summary(platform, picture, report, await changesOf(eventLog), Date.now() - started));
  return 0;
}

/** Numbers of resources by what was done with them, from the engine's own events. */
async function changesOf(eventLog: string): Promise<Record<string, number>> {
  const text = await readFile(eventLog, "utf8").catch(() => "");
  for (const line of text.trim().split("\n").reverse()) {
    const { summaryEvent } = JSON.parse(line || "{}") as {
      summaryEvent?: { resourceChanges?: Record<string, number> };
    };
    if (summaryEvent) return summaryEvent.resourceChanges ?? {};
  }
  throw new UserError(`The engine wrote no summary to ${eventLog}.`);
}

type Line = [name: string, value: string];

/** What became of the candidate, by the decision's outcome. */
const gateWords: Record<string, string> = {
  promoted: "promoted",
  pending: "waits for approval",
  held: "held back",
  champion: "kept",
  rolledBack: "rolled back",
};

function past(history: Platform["champion"]["history"]): string {
  return history.map(({ version, value }) => `version ${version} (${value?.toFixed(3) ?? "no figure"})`).join(", ");
}

function summary(
  { champion, endpoint, promotion }: Platform,
  picture: { file: string; boxes: number },
  report: string | undefined,
  changes: Record<string, number>,
  elapsedMs: number,
): string {
  const { same = 0, ...changed } = changes;
  const what = Object.entries(changed).map(([operation, count]) => `${count} ${operation}`);
  const lines: Line[] = [
    ["Endpoint", `${endpoint.name}: ${endpoint.state}, traffic ${JSON.stringify(endpoint.traffic)}`],
    [
      "Champion",
      `${champion.model} version ${champion.version} (${champion.architecture}), mAP@0.5 ${champion.value.toFixed(3)} by the local stand-in trainer`,
    ],
    ["", `job ${champion.job}, best child ${champion.bestChild}, data version ${champion.dataVersion}`],
    ["Gate", `${gateWords[promotion.outcome] ?? promotion.outcome}: ${promotion.reason}`],
    ...(champion.history.length > 0 ? [["", `champions before: ${past(champion.history)}`] satisfies Line] : []),
    ["Scoring URI", endpoint.scoringUri],
    ["Picture", `${picture.file} (${picture.boxes} boxes on a held-out image)`],
    ...(report === undefined ? [] : [["Report", report] satisfies Line]),
    [
      "Changes",
      what.length > 0 ? `${what.join(", ")}, ${same} unchanged` : `none: all ${same} resources are as declared`,
    ],
    ["Time", `${Math.round(elapsedMs / 1000)} s`],
  ];
  return ["", ...lines.map(([name, value]) => `${name.padEnd(12)} ${value}`)].join("\n");
}
