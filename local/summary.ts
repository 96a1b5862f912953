import { plural } from "../lib/plural";
import { hoursOfMonth } from "../lib/prices/standing";
import { tableDate, tablePrice } from "../lib/prices/table";
import { painted } from "../lib/terminal";
import type { UpRecord } from "./engineEvents";
import type { Platform } from "./platform";

type Line = [name: string, value: string];

/** What became of the candidate, by the decision's outcome. */
const gateWords: Record<string, string> = {
  promoted: "promoted",
  pending: "waits for approval",
  held: "held back",
  champion: "kept",
  rolledBack: "rolled back",
};

/** What the engine's operations have done. */
const operationWords: Record<string, string> = {
  create: "created",
  update: "updated",
  delete: "deleted",
  replace: "replaced",
  read: "read",
};

export interface Finished {
  platform: Platform;
  picture: { file: string; boxes: number };
  /** File of the gate's report; undefined where there is none. */
  report: string | undefined;
  up: UpRecord;
  elapsedMs: number;
}

/** What was done, what it costs, and what can be done next. */
export function summaryOf({ platform, picture, report, up, elapsedMs }: Finished): string {
  const { champion, endpoint, promotion } = platform;
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
    ["Changes", changesText(up.changes)],
    ["Cost", costText(up)],
    ["Time", `${Math.round(elapsedMs / 1000)} s`],
    ["Next", 'eval "$(npm run -s local:env)", then npm run -s endpoint:score -- IMAGE.jpg --out scored'],
    ["", "change jobs/sweep.yml, and npm run up:local trains it and lets the gate decide"],
    ["", "npm run local:stop ends the local Azure and keeps its state"],
  ];
  const title = (name: string) => painted(name.padEnd(12), "green", process.stdout);
  return ["", ...lines.map(([name, value]) => `${title(name)} ${value}`)].join("\n");
}

function past(history: Platform["champion"]["history"]): string {
  return history.map(({ version, value }) => `version ${version} (${value?.toFixed(3) ?? "no figure"})`).join(", ");
}

function changesText({ same = 0, ...changed }: Record<string, number>): string {
  const what = Object.entries(changed).map(
    ([operation, count]) => `${count} ${operationWords[operation] ?? operation}`,
  );
  return what.length > 0 ? `${what.join(", ")}, ${same} unchanged` : `none: all ${same} resources are as declared`;
}

/** Prices of the built-in table: nobody outside this machine is asked. */
function costText({ trained, standing }: UpRecord): string {
  const training = trained.reduce((sum, { atMost = 0 }) => sum + atMost, 0);
  const month = standing.reduce(
    (sum, { vmSize, count, perHour = tablePrice(vmSize) ?? 0 }) => sum + count * hoursOfMonth * perHour,
    0,
  );
  const parts = [
    ...(trained.length > 0
      ? [`at most ${training.toFixed(2)} USD for ${plural(trained.length, "job")} of this time`]
      : []),
    `${month.toFixed(0)} USD a month for what always runs`,
  ];
  return `nothing here; on Azure ${parts.join(", and ")} (list prices of ${tableDate})`;
}
