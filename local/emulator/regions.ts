/** Public regions of Azure, by their names. */
export const regions: ReadonlySet<string> = new Set(
  (
    "australiacentral australiaeast australiasoutheast austriaeast belgiumcentral brazilsouth canadacentral canadaeast " +
    "centralindia centralus chilecentral eastasia eastus eastus2 francecentral germanywestcentral indonesiacentral " +
    "israelcentral italynorth japaneast japanwest koreacentral koreasouth malaysiawest mexicocentral newzealandnorth " +
    "northcentralus northeurope norwayeast polandcentral qatarcentral southafricanorth southcentralus southeastasia " +
    "southindia spaincentral swedencentral switzerlandnorth uaenorth uksouth ukwest westcentralus westeurope westindia " +
    "westus westus2 westus3"
  ).split(" "),
);

/** "East US 2" is "eastus2". */
export function regionName(location: string): string {
  return location.toLowerCase().replaceAll(" ", "");
}
