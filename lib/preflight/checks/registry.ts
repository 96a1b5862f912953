import { sharedChampion } from "../../promotion/sharing";
import type { AzureReader } from "../azureReader";
import type { Finding } from "../finding";
import type { Plan } from "../plan";

/** The registry that the champion is shared through, and for who takes it from there, the champion itself. */
export async function checkRegistry({ config: { model } }: Plan, azure: AzureReader): Promise<Finding[]> {
  const { registry, source, name } = model;
  if (!registry || (source !== "registry" && !registry.publish)) return [];
  const { id, stack = "" } = registry;
  const [, , , , group, , , , registryName] = id.split("/");
  if (!(await azure.modelRegistry(id)))
    return [
      {
        severity: "error",
        what: `model.registry.id: there is no registry ${registryName}`,
        evidence: `${id} was not found`,
        next: `az ml registry create --resource-group ${group} --file registry.yml; see "Through a registry" in docs/azure.md.`,
      },
    ];
  if (source !== "registry") return [];
  const versions = await azure.sharedVersions(id, name);
  const champion = sharedChampion(versions, stack);
  if (champion) return [];
  return [
    {
      severity: "error",
      what: `model.registry.stack: ${stack} has shared no champion of ${name} in the registry ${registryName}`,
      evidence: `${versions.length} versions of ${name} there, none of them marked as its champion`,
      next: `Set model.registry.publish to true there, and run "pulumi up" in ${stack}.`,
    },
  ];
}
