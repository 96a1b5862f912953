import { usd } from "../preview/money";
import type { Price, PriceList } from "../prices/list";
import { standingPrice, type StandingNodes } from "../prices/standing";
import { hoursOfMonth } from "../prices/table";
import type { Training } from "./training";

/** What the trainings of this `up` cost, what stands each month, and what that leaves out. */
export async function costLines(
  trainings: readonly Training[],
  standing: readonly StandingNodes[],
  prices: PriceList,
): Promise<string[]> {
  return [
    `training: ${await trainingCost(trainings, prices)}`,
    `standing: ${await standingCost(standing, prices)}`,
    "estimates by time and price; start and idle time of nodes, storage, logs and traffic come on top",
  ];
}

async function trainingCost(trainings: readonly Training[], prices: PriceList): Promise<string> {
  const trained = trainings.filter(({ isNew }) => isNew);
  if (trained.length === 0) return "none";
  const hours = new Map<string, number>();
  for (const { vmSize, nodeHours } of trained)
    if (vmSize !== null && nodeHours !== null) hours.set(vmSize, (hours.get(vmSize) ?? 0) + nodeHours);
  const parts: string[] = [];
  let total = 0;
  for (const [vmSize, used] of hours) {
    const price = await prices.of(vmSize);
    total += used * (price?.perHour ?? 0);
    const factor = price ? `× ${price.perHour} USD (${vmSize}, ${source(price)})` : `of ${vmSize}, of unknown price`;
    parts.push(`${Number(used.toPrecision(3))} node hours ${factor}`);
  }
  const gaps = trained.filter(({ vmSize, nodeHours }) => vmSize === null || nodeHours === null);
  if (gaps.length > 0) parts.push(`and ${gaps.map(({ name }) => name).join(", ")}, whose hours are not known`);
  return `about ${usd(total)} = ${parts.join(" + ")}`;
}

async function standingCost(standing: readonly StandingNodes[], prices: PriceList): Promise<string> {
  if (standing.length === 0) return "nothing always runs";
  let month = 0;
  const parts: string[] = [];
  for (const nodes of standing) {
    const price = await standingPrice(nodes, prices);
    month += (price?.perHour ?? 0) * nodes.count * hoursOfMonth;
    parts.push(`${nodes.count} ${nodes.vmSize}${price ? "" : " of unknown price"}`);
  }
  return `about ${month.toFixed(0)} USD a month for what always runs (${parts.join(", ")})`;
}

function source({ source: from, date }: Price): string {
  if (from === "configuration") return "as configured";
  return from === "list" ? "Azure's list price" : `list price of ${date}`;
}
