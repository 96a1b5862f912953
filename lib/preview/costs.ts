import type { PriceList } from "../prices/list";
import { standingNodes, standingPrice, type StandingNodes } from "../prices/standing";
import { hoursOfMonth } from "../prices/table";
import { typeAndName, type Step } from "./digest";
import { code, plain, table, type Section } from "./markdown";
import { priceNote, usd } from "./money";

/** What a month of what always runs costs before and after; empty when no such resource changes. */
export async function standingCosts(steps: readonly Step[], prices: PriceList): Promise<Section[]> {
  const before = new Map<string, StandingNodes>();
  const after = new Map<string, StandingNodes>();
  for (const { urn, oldState, newState } of steps) {
    const { type, name } = typeAndName(urn);
    for (const nodes of standingNodes(type, name, oldState?.inputs ?? {})) before.set(nodes.what, nodes);
    for (const nodes of standingNodes(type, name, newState?.inputs ?? {})) after.set(nodes.what, nodes);
  }
  const changed = [...new Set([...before.keys(), ...after.keys()])].filter((what) => {
    const [old, next] = [before.get(what), after.get(what)];
    return old?.vmSize !== next?.vmSize || old?.count !== next?.count;
  });
  if (changed.length === 0) return [];
  let [total, unknown] = [0, 0];
  const rows: string[][] = [];
  for (const what of changed) {
    const [old, next] = [await monthOf(before.get(what), prices), await monthOf(after.get(what), prices)];
    if (old.usd === undefined || next.usd === undefined) unknown++;
    else total += next.usd - old.usd;
    rows.push([plain(what), old.text, next.text]);
  }
  const sign = total < 0 ? "" : "+";
  const gap = unknown > 0 ? `, without ${unknown} of unknown price` : "";
  const sum = `**${sign}${usd(total)} a month**${gap}, for what always runs; everything else costs by use.`;
  return [{ title: "Standing costs", lines: [sum, "", ...table(["nodes", "before", "after"], rows)] }];
}

async function monthOf(nodes: StandingNodes | undefined, prices: PriceList): Promise<{ usd?: number; text: string }> {
  if (!nodes) return { usd: 0, text: "none" };
  const size = `${nodes.count} × ${code(nodes.vmSize)}`;
  const price = await standingPrice(nodes, prices);
  if (!price) return { text: `${size}, of unknown price` };
  const month = nodes.count * price.perHour * hoursOfMonth;
  return { usd: month, text: `${size}: ${usd(month)} (${priceNote(price)})` };
}
