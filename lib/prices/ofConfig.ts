import { decideSize, type RetiredSizePolicy } from "../azure/sizes";
import { PriceList } from "./list";

/** What of a stack's configuration says what its nodes cost. */
export interface PricedConfig {
  location: string;
  prices: { source: string; perHour?: Readonly<Record<string, number>> };
  compute: { vmSize: string; pricePerHour?: number };
  onRetiredSize: RetiredSizePolicy;
}

/** Prices as a stack's configuration has them. */
export function priceListOf(
  { location, prices, compute, onRetiredSize }: PricedConfig,
  environment: NodeJS.ProcessEnv,
): PriceList {
  const { vmSize: trainedOn } = decideSize("compute.vmSize", compute.vmSize, onRetiredSize);
  const sized = compute.pricePerHour === undefined ? {} : { [trainedOn]: compute.pricePerHour };
  return new PriceList({
    region: location,
    overrides: { ...sized, ...prices.perHour },
    url: prices.source === "table" ? null : environment.AZURE_RETAIL_PRICES_URL,
  });
}
