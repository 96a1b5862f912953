import { ArmClient } from "./arm";
import type { MachineSize } from "./machineSizes";
import { isRetired } from "./sizes";

export type SizeFacts = Omit<MachineSize, "pricePerHour">;

interface Sku {
  resourceType: string;
  name: string;
  capabilities?: { name: string; value: string }[];
  restrictions?: { type: string }[];
}

const apiVersion = "2021-07-01";
const subscriptionsVersion = "2022-12-01";
/** Series with NVIDIA GPUs for computing; the others are for screens, or share a GPU. */
const computing = /^Standard_N[CD]/i;

/**
 * The sizes with GPUs that a region offers to the subscription, the smaller first.
 * @param subscriptionId the first that the identity sees when absent
 */
export async function regionSizes(location: string, subscriptionId?: string): Promise<SizeFacts[]> {
  const arm = await ArmClient.connect();
  const subscription = subscriptionId ?? (await firstSubscription(arm));
  const path = `/subscriptions/${subscription}/providers/Microsoft.Compute/skus`;
  const sizes: SizeFacts[] = [];
  for await (const page of arm.pages(path, apiVersion, { $filter: `location eq '${location}'` }))
    for (const sku of page as unknown as Sku[]) {
      const { name, resourceType, restrictions = [] } = sku;
      if (resourceType !== "virtualMachines" || !computing.test(name) || isRetired(name)) continue;
      if (restrictions.some(({ type }) => type === "Location")) continue;
      const size = factsOf(sku);
      if (size.gpus >= 1) sizes.push(size);
    }
  return sizes.sort((a, b) => a.gpus - b.gpus || a.memoryGiB - b.memoryGiB || a.cores - b.cores);
}

function factsOf({ name, capabilities = [] }: Sku): SizeFacts {
  const amount = (wanted: string) => Number(capabilities.find((one) => one.name === wanted)?.value ?? 0);
  return { name, cores: amount("vCPUs"), memoryGiB: amount("MemoryGB"), gpus: amount("GPUs") };
}

async function firstSubscription(arm: ArmClient): Promise<string> {
  for await (const entry of arm.list("/subscriptions", subscriptionsVersion))
    return (entry as unknown as { subscriptionId: string }).subscriptionId;
  throw new Error("The identity sees no subscription.");
}
