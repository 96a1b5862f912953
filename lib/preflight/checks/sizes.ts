import { retirementOf } from "../../azure/sizes";
import type { AzureReader, Sku } from "../azureReader";
import type { Finding } from "../finding";
import type { MachineNeed, Plan } from "../plan";

/** Sizes that Azure has retired, that the region lacks, or that the subscription may not use there. */
export async function checkSizes(plan: Plan, azure: AzureReader): Promise<Finding[]> {
  const skus = new Map(
    (await azure.skus())
      .filter(({ resourceType }) => resourceType === "virtualMachines")
      .map((sku) => [sku.name.toLowerCase(), sku]),
  );
  const training = await azure.trainingFamilies();
  return plan.machines.flatMap((need) => [...retired(need, plan), ...unavailable(need, plan, skus, training)]);
}

function retired({ property, configured, vmSize }: MachineNeed, { config }: Plan): Finding[] {
  const retirement = retirementOf(configured);
  if (!retirement) return [];
  const what = `${property} is "${configured}", which Azure retired on ${retirement.retired}`;
  if (vmSize !== configured)
    return [
      { severity: "note", what, evidence: retirement.source, next: `Nothing: "${vmSize}" is used in its place.` },
    ];
  const next = `Set ${property} to "${retirement.successor}", or onRetiredSize (now "${config.onRetiredSize}") to "replace".`;
  return [{ severity: "error", what, evidence: retirement.source, next }];
}

function unavailable(
  { property, vmSize, service }: MachineNeed,
  { location }: Plan,
  skus: ReadonlyMap<string, Sku>,
  training: ReadonlyMap<string, string>,
): Finding[] {
  // Of a retired one everything is said.
  if (retirementOf(vmSize)) return [];
  const sku = skus.get(vmSize.toLowerCase());
  const next = `Set ${property} to a size that is offered: az vm list-skus --location ${location} --resource-type virtualMachines --output table. Or choose another location.`;
  if (!sku) {
    const evidence = `Microsoft.Compute/skus lists ${skus.size} sizes in ${location}, and not this one`;
    return [{ severity: "error", what: `${property}: "${vmSize}" is not offered in ${location}`, evidence, next }];
  }
  const restriction = sku.restrictions?.find(({ type }) => type === "Location");
  if (restriction) {
    const evidence = `Microsoft.Compute/skus: restricted, ${restriction.reasonCode ?? "without a reason"}`;
    return [
      {
        severity: "error",
        what: `${property}: "${vmSize}" may not be used by this subscription in ${location}`,
        evidence,
        next,
      },
    ];
  }
  if (service !== "Azure ML" || training.has(vmSize.toLowerCase())) return [];
  const evidence = `locations/${location}/vmSizes lists ${training.size} sizes, and not this one`;
  return [
    { severity: "error", what: `${property}: Azure ML does not offer "${vmSize}" in ${location}`, evidence, next },
  ];
}
