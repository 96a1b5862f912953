import { ArmClient } from "../../lib/azure/arm";
import { listVersions, sharedChampion } from "../../lib/promotion";
import { containsUnknown } from "../lifecycle";
import type { Inputs } from "./settle";

/**
 * The source with the version that its stack has shared last, by which a preview sees that there is another one. A registry
 * that cannot be asked leaves it as it was: the deployment itself will say why.
 */
export async function sharedSource(
  { source, modelName }: Inputs,
  before: Inputs | undefined,
): Promise<Inputs["source"]> {
  if (!source?.registryId || containsUnknown([source, modelName])) return source;
  const { registryId, stack } = source;
  try {
    const versions = await listVersions(await ArmClient.connect(), registryId, modelName);
    return { ...source, modelId: sharedChampion(versions, stack)?.id ?? "" };
  } catch {
    return { ...source, modelId: before?.source?.modelId ?? "" };
  }
}
