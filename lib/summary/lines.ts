import { painted, type Output } from "../terminal";
import type { PlatformFacts } from "./platform";
import { trainingText, type Training } from "./training";

/** A line of a summary; one without a name belongs to the one before it. */
export type Line = [name: string, value: string];

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

/** @param local whether the stand-in of the local cloud trained it */
export function resultLines({ endpoint, champion, promotion }: PlatformFacts, local: boolean): Line[] {
  const { model, version, architecture, value, history } = champion;
  const trainer = local ? " by the local stand-in trainer" : "";
  return [
    ["Endpoint", `${endpoint.name}: ${endpoint.state}, traffic ${JSON.stringify(endpoint.traffic)}`],
    ["Champion", `${model} version ${version} (${architecture}), mAP@0.5 ${value.toFixed(3)}${trainer}`],
    ["", `job ${champion.job}, best child ${champion.bestChild}, data version ${champion.dataVersion}`],
    ["Gate", `${gateWords[promotion.outcome] ?? promotion.outcome}: ${promotion.reason}`],
    ...(history.length > 0 ? [["", `champions before: ${past(history)}`] satisfies Line] : []),
    ["Scoring URI", endpoint.scoringUri],
  ];
}

function past(history: PlatformFacts["champion"]["history"]): string {
  return history.map(({ version, value }) => `version ${version} (${value?.toFixed(3) ?? "no figure"})`).join(", ");
}

/** By the names of the jobs: which of them ended first says nothing. */
export function trainingLines(trainings: readonly Training[]): Line[] {
  const inOrder = [...trainings].sort((one, other) => (one.name < other.name ? -1 : 1));
  return named("Training", inOrder.map(trainingText));
}

export function changesLine({ same = 0, ...changed }: Readonly<Record<string, number>>, failed = 0): Line {
  const what = [
    ...Object.entries(changed).map(([operation, count]) => `${count} ${operationWords[operation] ?? operation}`),
    ...(failed > 0 ? [`${failed} failed`] : []),
  ];
  return [
    "Changes",
    what.length > 0 ? `${what.join(", ")}, ${same} unchanged` : `none: all ${same} resources are as declared`,
  ];
}

/** Several values under one name. */
export function named(name: string, values: readonly string[]): Line[] {
  return values.map((value, index) => [index === 0 ? name : "", value]);
}

export function renderLines(lines: readonly Line[], output: Output): string {
  return lines.map(([name, value]) => `${painted(name.padEnd(12), "green", output)} ${value}`).join("\n");
}
