import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import { retryAfterMs } from "../retryAfter";

/** Azure's public price list; it takes no sign-in. */
export const retailPricesUrl = "https://prices.azure.com/api/retail/prices";

const page = z.object({
  Items: z.array(
    z.object({
      currencyCode: z.string(),
      retailPrice: z.number(),
      effectiveStartDate: z.string(),
      unitOfMeasure: z.string(),
      productName: z.string(),
      skuName: z.string(),
      type: z.string(),
    }),
  ),
  NextPageLink: z.string().nullish(),
});

type Item = z.output<typeof page>["Items"][number];

export interface RetailPrice {
  /** USD. */
  perHour: number;
  /** ISO date since when it holds. */
  date: string;
}

const mostPages = 10;
const tries = 3;
const requestMs = 5_000;
const longestPauseMs = 5_000;

/**
 * Linux price of a size in a region.
 * @returns undefined when Azure lists none
 * @throws Error when the price list cannot be read
 * @see https://learn.microsoft.com/rest/api/cost-management/retail-prices/azure-retail-prices
 */
export async function retailPrice(
  vmSize: string,
  region: string,
  url = retailPricesUrl,
): Promise<RetailPrice | undefined> {
  const filter = [
    "serviceName eq 'Virtual Machines'",
    `armRegionName eq '${quoted(region.toLowerCase().replaceAll(" ", ""))}'`,
    `armSkuName eq '${quoted(canonical(vmSize))}'`,
    "priceType eq 'Consumption'",
  ].join(" and ");
  const query = new URLSearchParams({ "api-version": "2023-01-01-preview", currencyCode: "USD", $filter: filter });
  const found: Item[] = [];
  let next: string | undefined = `${url}?${query.toString()}`;
  for (let count = 0; next && count < mostPages; count++) {
    const { Items, NextPageLink }: z.output<typeof page> = await readPage(next);
    found.push(...Items.filter(isPlainLinux));
    // Whoever answers does not lead the requests elsewhere.
    next = NextPageLink && new URL(NextPageLink).origin === new URL(url).origin ? NextPageLink : undefined;
  }
  const newest = found.sort((a, b) => b.effectiveStartDate.localeCompare(a.effectiveStartDate))[0];
  return newest && { perHour: newest.retailPrice, date: newest.effectiveStartDate.slice(0, 10) };
}

function isPlainLinux({ currencyCode, type, unitOfMeasure, productName, skuName, retailPrice }: Item): boolean {
  return (
    currencyCode === "USD" &&
    type === "Consumption" &&
    unitOfMeasure === "1 Hour" &&
    retailPrice > 0 &&
    !/windows|cloudservices/i.test(productName) &&
    !/spot|low priority/i.test(skuName)
  );
}

async function readPage(url: string): Promise<z.output<typeof page>> {
  for (let attempt = 1; ; attempt++) {
    const answer = await fetch(url, { signal: AbortSignal.timeout(requestMs), redirect: "error" });
    if (answer.ok) return page.parse(await answer.json());
    await answer.body?.cancel();
    if (attempt === tries || (answer.status !== 429 && answer.status < 500))
      throw new Error(`the price list answered ${answer.status}`);
    await sleep(Math.min(longestPauseMs, retryAfterMs((name) => answer.headers.get(name)) || 200 * attempt));
  }
}

/** The filter compares letter by letter: `STANDARD_NC6` is listed as `Standard_NC6`. */
function canonical(vmSize: string): string {
  return vmSize.replace(/^standard_/i, "Standard_");
}

function quoted(text: string): string {
  return text.replaceAll("'", "''");
}
