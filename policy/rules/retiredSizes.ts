import { retirementOf } from "../../lib/azure/sizes";
import { machinesOf, machineTypes } from "../machines";
import { rule, type Violation } from "../rule";

export const retiredSizes = rule({
  name: "no-retired-sizes",
  description: "No machine has a size that Azure no longer runs.",
  level: "mandatory",
  severity: "high",
  types: machineTypes,
  check: (resource) =>
    machinesOf(resource).flatMap(({ property, vmSize }): Violation[] => {
      const retirement = retirementOf(vmSize);
      if (!retirement) return [];
      const { retired, successor, source } = retirement;
      const next = `Azure retired it on ${retired} (${source}); set onRetiredSize to "replace", or name a current size.`;
      return [{ property, value: vmSize, allowed: `a current size, such as "${successor}"`, next }];
    }),
});
