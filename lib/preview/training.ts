import { isDeepStrictEqual } from "node:util";
import { plural } from "../plural";
import type { PriceList } from "../prices/list";
import { worstCaseTraining, type JobBounds } from "../prices/training";
import { unknownValue, type Step } from "./digest";
import { code, plain, type Section } from "./markdown";
import { priceNote, usd } from "./money";
import type { Values } from "../values";

const shownChanges = 8;
/** Where people put what is theirs alone. */
const confidential = /^(environmentVariables|properties|services)\b/;

/** Jobs that will be trained, why, and what each may cost at most. */
export async function training(steps: readonly Step[], prices: PriceList): Promise<Section[]> {
  const jobs = steps.filter(
    ({ urn, op }) => urn.includes("azureml:TrainingJob::") && ["create", "replace", "create-replacement"].includes(op),
  );
  const seen = new Map(jobs.map((step) => [step.urn, step]));
  if (seen.size === 0) return [];
  const parts = await Promise.all([...seen.values()].map((step) => describe(step, prices)));
  const total = parts.reduce((sum, { usd: cost }) => sum + (cost ?? 0), 0);
  const isWhole = parts.every(({ usd: cost }) => cost !== undefined);
  const sum =
    parts.length > 1 && total > 0
      ? [`At most **${usd(total)}** in all${isWhole ? "" : ", without the jobs of unknown price"}.`, ""]
      : [];
  return [{ title: "Training", lines: [...sum, ...parts.flatMap(({ lines }) => lines)] }];
}

async function describe({ oldState, newState }: Step, prices: PriceList) {
  const olds = oldState?.inputs;
  const news = newState?.inputs ?? {};
  const { lines, usd: cost } = await costOf(boundsOf(news.bounds), prices);
  const name = typeof news.baseName === "string" && news.baseName !== unknownValue ? news.baseName : "a job";
  return { usd: cost, lines: [`- ${code(name)}: ${reason(olds, news)}`, ...lines, ...differences(olds, news)] };
}

function reason(olds: Values | undefined, news: Values): string {
  if (!olds) return "trained for the first time";
  if (!isKnown(news.body)) return "trained again, since what it runs on is made anew";
  return "trained again, since its inputs change";
}

function differences(olds: Values | undefined, news: Values): string[] {
  if (!olds || !isKnown(news.body)) return [];
  const parts = (values: Values) => ({ ...(values.body as Values), forceToken: values.forceToken });
  const found = differing(parts(olds), parts(news), "");
  const more = found.length > shownChanges ? [`  - and ${found.length - shownChanges} more`] : [];
  return [...found.slice(0, shownChanges).map((line) => `  - ${line}`), ...more];
}

function differing(before: unknown, after: unknown, path: string): string[] {
  if (isDeepStrictEqual(before, after)) return [];
  if (isContainer(before) && isContainer(after)) {
    const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])];
    return keys.flatMap((key) => differing(before[key], after[key], path ? `${path}.${key}` : key));
  }
  if (confidential.test(path)) return [`${code(path)} changes`];
  return [`${code(path)}: ${shown(before)} → ${shown(after)}`];
}

function shown(value: unknown): string {
  return value === undefined ? "not set" : code(shortened(JSON.stringify(value)));
}

function shortened(text: string): string {
  return text.length > 160 ? `${text.slice(0, 157)}...` : text;
}

async function costOf(bounds: JobBounds | undefined, prices: PriceList): Promise<{ usd?: number; lines: string[] }> {
  if (!bounds) return { lines: ["  - its cost cannot be told: its limits are not known yet"] };
  const price = await prices.of(bounds.vmSize);
  const { trials, concurrentTrials, timeoutMinutes, vmSize } = bounds;
  if (!price) {
    const next = `set ${code(`prices.perHour.${vmSize}`)}`;
    return { lines: [`  - its cost cannot be told: no price of ${code(vmSize)} is known; ${next}`] };
  }
  const worst = worstCaseTraining(bounds, price.perHour);
  const limit =
    timeoutMinutes === null ? "no timeout is set, so Azure ML's seven days" : "the timeout of the whole job";
  const how = `${plural(trials, "trial")}, ${concurrentTrials} at a time; ${limit}`;
  const product = `${plural(worst.nodes, "node")} × ${rounded(worst.hours)} h × ${price.perHour} USD`;
  return {
    usd: worst.usd,
    lines: [`  - at most **${usd(worst.usd)}** = ${product} (${how}; ${plain(vmSize)}, ${priceNote(price)})`],
  };
}

function boundsOf(value: unknown): JobBounds | undefined {
  return isContainer(value) && typeof value.vmSize === "string" && isKnown(value)
    ? (value as unknown as JobBounds)
    : undefined;
}

function isKnown(value: unknown): boolean {
  return isContainer(value) && !JSON.stringify(value).includes(unknownValue);
}

function isContainer(value: unknown): value is Values {
  return typeof value === "object" && value !== null;
}

function rounded(value: number): string {
  return String(Math.round(value * 100) / 100);
}
