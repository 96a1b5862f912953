import { idOf, outputsOf } from "./azureNative/convert";
import type { LocalClient } from "./client";
import { resourceTypeOfToken } from "./resourceTypes";

interface Resource {
  urn: string;
  type: string;
  inputs?: Record<string, unknown>;
  [key: string]: unknown;
}

/** The part of `pulumi stack export` that is looked at here. */
export interface ExportedStack {
  deployment: {
    resources?: Resource[];
    pending_operations?: { type: string; resource: Resource }[];
  };
}

/** Lets the next `up` write the resource again and wait for its end: how its making ended, nobody knows. */
const unfinished = "an interrupted run has begun to make this, and did not see the end";

/**
 * Takes into the state of a stack what an engine that was killed has made without noting it: of the resources that it was
 * creating those which are there. azure-native would refuse to make them again ("cannot create already existing resource").
 * What is not there, and the dynamic resources of this program, which look before they make, the next `up` makes without
 * help. So nothing is open any more; the engine itself would tell each `up` from now on that it is.
 * @returns how many were taken up
 */
export async function noteMade(
  { deployment }: ExportedStack,
  client: LocalClient,
  subscriptionId: string,
): Promise<number> {
  let noted = 0;
  const pending = deployment.pending_operations ?? [];
  deployment.pending_operations = [];
  for (const { type, resource } of pending) {
    const resourceType = resourceTypeOfToken(resource.type);
    if (type !== "creating" || !resourceType) continue;
    const id = idOf(resourceType, resource.inputs ?? {}, subscriptionId);
    const made = await client.arm<Record<string, unknown>>("GET", id, resourceType.apiVersion);
    if (!made) continue;
    const known = (deployment.resources ?? []).filter(({ urn }) => urn === resource.urn);
    if (known.some((other) => other.id === id && !other.pendingReplacement)) continue;
    // The one that it replaces is gone already, or has to go.
    for (const other of known) other.delete = true;
    const others = (deployment.resources ?? []).filter((other) => !(known.includes(other) && other.pendingReplacement));
    // What it depends on was made before it, so it may stand last.
    deployment.resources = [
      ...others,
      { ...resource, id, outputs: outputsOf(resourceType, made), initErrors: [unfinished] },
    ];
    noted++;
  }
  return noted;
}
