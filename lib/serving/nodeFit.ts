import { gpuSizes, machineSize } from "../azure/machineSizes";
import type { SizeFacts } from "../azure/regionSizes";

/** What a container asks for, or what a node has for containers. */
export interface NodeShare {
  cpu: number;
  memoryGb: number;
  gpu: number;
}

/** Cores that AKS keeps for the kubelet, by the cores of the node. */
const reservedCores: readonly [cores: number, reserved: number][] = [
  [1, 0.06],
  [2, 0.1],
  [4, 0.14],
  [8, 0.18],
  [16, 0.26],
  [32, 0.42],
  [64, 0.74],
  [Infinity, 1],
];
/** Pods that a node may run, the default of AKS with overlay networking; the kubelet keeps memory for each. */
const podsPerNode = 110;
const gib = 1024 ** 3;
const reservedPerPod = 20e6;
const reservedBase = 50e6;
const largestReservedShare = 0.25;
const evictionThreshold = 100 * 1024 ** 2;
/** What the agents on each node ask for: networking, storage drivers, metrics, the Azure ML extension. Estimated. */
const agents = { cpu: 0.5, memoryGb: 1 };

/**
 * What a node of the size has for containers: the kubelet's reservations (AKS 1.29 and later) and the agents are taken off.
 * @see https://learn.microsoft.com/azure/aks/node-resource-reservations
 */
export function allocatable({ cores, memoryGiB, gpus }: SizeFacts): NodeShare {
  const reserved = reservedCores.find(([limit]) => cores <= limit)?.[1] ?? 0;
  const memory = memoryGiB * gib;
  const kubelet = Math.min(podsPerNode * reservedPerPod + reservedBase, memory * largestReservedShare);
  return {
    cpu: floored(cores - reserved - agents.cpu),
    memoryGb: floored((memory - kubelet - evictionThreshold) / gib - agents.memoryGb),
    gpu: gpus,
  };
}

function floored(value: number): number {
  return Math.floor(value * 10) / 10;
}

const units: Record<keyof NodeShare, string> = { cpu: "cores", memoryGb: "GiB of memory", gpu: "GPUs" };

/**
 * Why a replica does not fit a node, one line a property, with the smallest size that carries it; none when it fits or
 * the size is not known here.
 * @param offered asked only when it does not fit: what the region offers, the smaller first; undefined when it does not tell
 */
export function fitProblems(
  vmSize: string,
  wanted: NodeShare,
  offered: () => { region: string; sizes: readonly SizeFacts[] } | undefined,
): string[] {
  const size = machineSize(vmSize);
  if (!size) return [];
  const free = allocatable(size);
  const short = (["cpu", "memoryGb", "gpu"] as const).filter((key) => wanted[key] > free[key]);
  if (short.length === 0) return [];
  const remedy = remedyOf(wanted, offered());
  return short.map(
    (key) =>
      `serving.${key} is ${wanted[key]}, and a node of size "${size.name}" has ${free[key]} ${units[key]} for a replica. ${remedy}`,
  );
}

function remedyOf(wanted: NodeShare, offered: { region: string; sizes: readonly SizeFacts[] } | undefined): string {
  const carrier = (offered?.sizes ?? gpuSizes).find((other) => fits(allocatable(other), wanted));
  const where = offered ? ` in ${offered.region}` : "";
  return carrier
    ? `The smallest size${where} that carries it is "${carrier.name}": set serving.vmSize to that, or ask for less.`
    : `No size with GPUs${where} carries it: ask for less.`;
}

function fits(free: NodeShare, wanted: NodeShare): boolean {
  return wanted.cpu <= free.cpu && wanted.memoryGb <= free.memoryGb && wanted.gpu <= free.gpu;
}
