import { gpuSizes } from "../../lib/azure/machineSizes";
import { isRetired } from "../../lib/azure/sizes";
import { machinesOf, machineTypes } from "../machines";
import { rule, type Violation } from "../rule";

interface Settings {
  maxNodes: number;
  sizes: string[];
}

/** Series with GPUs: https://learn.microsoft.com/azure/virtual-machines/sizes/overview#gpu-accelerated */
const hasGpu = /^standard_n/i;

export const gpuLimits = rule<Settings>({
  name: "gpu-limits",
  description: "GPU machines are of known sizes, and few.",
  level: "mandatory",
  severity: "medium",
  types: machineTypes,
  settings: {
    maxNodes: { type: "integer", minimum: 0, description: "GPU nodes of a cluster or pool at most.", default: 8 },
    sizes: {
      type: "array",
      items: { type: "string" },
      description: "Sizes with GPUs that may be used.",
      default: gpuSizes.map(({ name }) => name),
    },
  },
  check(resource, { maxNodes, sizes }) {
    const known = new Set(sizes.map((size) => size.toLowerCase()));
    return machinesOf(resource).flatMap(({ property, vmSize, count, countProperty }): Violation[] => {
      // A retired one has a rule of its own.
      if (!hasGpu.test(vmSize) || isRetired(vmSize)) return [];
      const found: Violation[] = [];
      if (!known.has(vmSize.toLowerCase()))
        found.push({
          property,
          value: vmSize,
          allowed: sizes.join(", ") || "no size with GPUs",
          next: 'Choose one of them, or add it to "sizes" of this policy.',
        });
      if (count > maxNodes)
        found.push({
          property: countProperty,
          value: count,
          allowed: `at most ${maxNodes} nodes`,
          next: 'Ask for fewer, or raise "maxNodes" of this policy.',
        });
      return found;
    });
  },
});
