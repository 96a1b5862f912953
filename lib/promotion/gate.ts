import { dataText, isFigure, sameData, type Candidate, type DataVersion } from "./candidates";
import { distinctFigures, roundedFigure } from "./figures";

/** The model that serves now, as the tags of its version tell. */
export interface Champion {
  /** Null for a model that is promoted at this moment and has no version yet. */
  version: string | null;
  /** Primary metric; null when the version has no record of it. */
  metric: number | null;
  data: DataVersion;
  trial: string;
}

export interface GateRules {
  /** A candidate below this is never promoted. */
  minimumMetric: number;
  /** A candidate must beat the champion by more than this. */
  minimumDelta: number;
  /** Least average precision of every reported label, or of the labels given. 0 and {} are no rule. */
  perClassMinimum: number | Record<string, number>;
  /** Fewest validation images that make a figure worth something. 0 is no rule. */
  minimumImages: number;
  /**
   * What happens when the champion was measured on other validation data, so that its figure cannot be compared:
   * "absolute" lets the rules that need no comparison decide, "hold" waits for an approval.
   */
  onNewData: "absolute" | "hold";
  /** "required" lets no candidate pass without an approval of its own. */
  approval: "none" | "required";
  /**
   * The stack whose champion the candidate is. It was compared there, with what had served before, so only the rules that
   * need no comparison count here: what is rolled back there is rolled back here.
   */
  championOf?: string;
}

export interface Verdict {
  outcome: "passes" | "needsApproval" | "held" | "champion";
  /** For people, with the numbers. */
  reason: string;
}

/** What the gate says to one candidate on its own. */
export function judge(candidate: Candidate, champion: Champion | undefined, rules: GateRules): Verdict {
  const held = (reason: string): Verdict => ({ outcome: "held", reason });
  const { metric, trial } = candidate;
  if (!isFigure(metric)) return held(`the primary metric is ${String(metric)}: ${trial} reported no figure`);
  if (champion?.trial === trial) {
    return {
      outcome: "champion",
      reason: `${nameOf(champion)} is this model already (${roundedFigure(metric)})`,
    };
  }
  const absolute = brokenAbsoluteRule(metric, candidate, rules);
  if (absolute) return held(absolute);
  const verdict = compared(metric, candidate, champion, rules);
  if (verdict.outcome !== "passes" || rules.approval === "none") return verdict;
  return { outcome: "needsApproval", reason: verdict.reason };
}

/** What a candidate breaks of the rules that need no champion. */
function brokenAbsoluteRule(metric: number, candidate: Candidate, rules: GateRules): string | undefined {
  if (metric < rules.minimumMetric) {
    const [figure, minimum] = distinctFigures(metric, rules.minimumMetric);
    return `${figure} is below the minimum of ${minimum}`;
  }
  if (rules.minimumImages > 0) {
    const { images, data } = candidate;
    if (images === null)
      return `nobody knows how many images validation data ${dataText(data)} has, and at least ${rules.minimumImages} are asked for (its figure: ${roundedFigure(metric)})`;
    if (images < rules.minimumImages)
      return `${roundedFigure(metric)} was measured on ${images} images, fewer than the ${rules.minimumImages} asked for`;
  }
  return brokenFloor(metric, candidate, rules.perClassMinimum);
}

function brokenFloor(metric: number, { perLabel }: Candidate, floor: GateRules["perClassMinimum"]): string | undefined {
  if (typeof floor === "number" ? floor <= 0 : Object.keys(floor).length === 0) return undefined;
  const mean = `(mean: ${roundedFigure(metric)})`;
  const reported = Object.keys(perLabel);
  if (reported.length === 0)
    return `its run reported no figures of single labels, and the floor for them is ${JSON.stringify(floor)} ${mean}`;
  const floors = typeof floor === "number" ? reported.map((label) => [label, floor] as const) : Object.entries(floor);
  const broken = floors.flatMap(([label, least]) => {
    const own = Object.hasOwn(perLabel, label) ? perLabel[label] : undefined;
    if (own === undefined) return [`${label} was not reported, and its floor is ${least}`];
    // NaN reaches no floor.
    return own >= least ? [] : [`${label} ${distinctFigures(own, least).join(" is below ")}`];
  });
  return broken.length === 0 ? undefined : `single labels are too weak: ${broken.join("; ")} ${mean}`;
}

function compared(metric: number, { data }: Candidate, champion: Champion | undefined, rules: GateRules): Verdict {
  const minimum = `reaches the minimum of ${rules.minimumMetric}`;
  if (rules.championOf !== undefined)
    return { outcome: "passes", reason: `champion of ${rules.championOf}: ${roundedFigure(metric)} ${minimum}` };
  if (!champion) return { outcome: "passes", reason: `first champion: ${roundedFigure(metric)} ${minimum}` };
  const name = nameOf(champion);
  if (!isFigure(champion.metric) || !sameData(champion.data, data)) {
    const own = isFigure(champion.metric)
      ? `${name} has ${roundedFigure(champion.metric)} on ${dataText(champion.data)}`
      : `${name} has no recorded figure`;
    const figures = `${roundedFigure(metric)} on ${dataText(data)} ${minimum}, and ${own}, which cannot be compared`;
    return rules.onNewData === "absolute"
      ? { outcome: "passes", reason: `other validation data, so the absolute rules decide: ${figures}` }
      : { outcome: "needsApproval", reason: `other validation data: ${figures}` };
  }
  const delta = metric - champion.metric;
  const [own, other] = distinctFigures(metric, champion.metric);
  const comparison = `${own} against ${other} of ${name}`;
  return delta > rules.minimumDelta
    ? { outcome: "passes", reason: `better by ${Number(delta.toPrecision(3))}: ${comparison}` }
    : { outcome: "held", reason: `not better by more than ${rules.minimumDelta}: ${comparison}` };
}

function nameOf({ version, trial }: Champion): string {
  return version === null ? trial : `version ${version}`;
}
