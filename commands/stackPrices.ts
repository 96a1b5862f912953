import { ownSettings, parseConfig } from "../config";
import { priceListOf } from "../lib/prices/ofConfig";
import type { PriceList } from "../lib/prices/list";
import { projectName } from "./pulumi";

/** Prices by the configuration that an operation was run with, as the engine tells it. */
export function stackPrices(config: Readonly<Record<string, string>> = {}): PriceList {
  return priceListOf(parseConfig(ownSettings(config, projectName)), process.env);
}
