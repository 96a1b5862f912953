/** What a virtual machine of a size has, and what it costs. */
export interface MachineSize {
  name: string;
  cores: number;
  memoryGiB: number;
  gpus: number;
  /** USD an hour (Linux, pay as you go, East US 2). */
  pricePerHour: number;
}

/**
 * The sizes with GPUs that Azure offers for new nodes, the smaller first. Prices are list prices as published on 2026-06,
 * for orientation: regions, agreements and time change them, and the configuration can override them
 * (`compute.pricePerHour`).
 * @see https://learn.microsoft.com/azure/virtual-machines/sizes/overview#gpu-accelerated
 * @see https://azure.microsoft.com/pricing/details/virtual-machines/linux/
 */
export const gpuSizes: readonly MachineSize[] = [
  { name: "Standard_NC4as_T4_v3", cores: 4, memoryGiB: 28, gpus: 1, pricePerHour: 0.526 },
  { name: "Standard_NC8as_T4_v3", cores: 8, memoryGiB: 56, gpus: 1, pricePerHour: 0.752 },
  { name: "Standard_NC16as_T4_v3", cores: 16, memoryGiB: 110, gpus: 1, pricePerHour: 1.204 },
  { name: "Standard_NC24ads_A100_v4", cores: 24, memoryGiB: 220, gpus: 1, pricePerHour: 3.673 },
  { name: "Standard_NC64as_T4_v3", cores: 64, memoryGiB: 440, gpus: 4, pricePerHour: 4.352 },
  { name: "Standard_NC40ads_H100_v5", cores: 40, memoryGiB: 320, gpus: 1, pricePerHour: 6.98 },
  { name: "Standard_NC48ads_A100_v4", cores: 48, memoryGiB: 440, gpus: 2, pricePerHour: 7.346 },
  { name: "Standard_NC80adis_H100_v5", cores: 80, memoryGiB: 640, gpus: 2, pricePerHour: 13.96 },
  { name: "Standard_NC96ads_A100_v4", cores: 96, memoryGiB: 880, gpus: 4, pricePerHour: 14.692 },
];

const byName = new Map(gpuSizes.map((size) => [size.name.toLowerCase(), size]));

/** Undefined for a size that is not in the list. */
export function machineSize(vmSize: string): MachineSize | undefined {
  return byName.get(vmSize.toLowerCase());
}
