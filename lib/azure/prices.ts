/**
 * List prices in USD an hour (Linux, pay as you go, East US 2), as published on 2026-06. They are for orientation: regions,
 * agreements and time change them, and the configuration can override them (`compute.pricePerHour`).
 * @see https://azure.microsoft.com/pricing/details/virtual-machines/linux/
 */
const listPrices: Record<string, number> = {
  standard_nc4as_t4_v3: 0.526,
  standard_nc8as_t4_v3: 0.752,
  standard_nc16as_t4_v3: 1.204,
  standard_nc64as_t4_v3: 4.352,
  standard_nc24ads_a100_v4: 3.673,
  standard_nc48ads_a100_v4: 7.346,
  standard_nc96ads_a100_v4: 14.692,
  standard_nc40ads_h100_v5: 6.98,
  standard_nc80adis_h100_v5: 13.96,
};

/** Price of a node of this size in USD an hour; undefined when it is not known here. */
export function listPrice(vmSize: string): number | undefined {
  return listPrices[vmSize.toLowerCase()];
}
