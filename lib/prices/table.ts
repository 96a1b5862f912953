import { machineSize } from "../azure/machineSizes";

/** Month of the prices that stand here and in machineSizes.ts. */
export const tableDate = "2026-06";

/** Hours of a month, as Azure's price pages count it. */
export const hoursOfMonth = 730;

/** USD an hour of sizes without GPUs: Linux, pay as you go, East US 2. */
const generalSizes: Readonly<Record<string, number>> = {
  standard_d2s_v5: 0.096,
  standard_d4s_v5: 0.192,
  standard_d8s_v5: 0.384,
  standard_d16s_v5: 0.768,
  standard_ds3_v2: 0.229,
};

/** List price of a node and hour in USD; undefined for a size that the table lacks. */
export function tablePrice(vmSize: string): number | undefined {
  return machineSize(vmSize)?.pricePerHour ?? generalSizes[vmSize.toLowerCase()];
}
