import { deployer, subscriptionId } from "../constants";
import type { Cloud, ResourceRecord, ResourceStore } from "../contracts";
import { guidOf } from "../guid";
import { workspaceOf } from "../arm/ids";
import { assignmentType } from "./access";
import { blobReaderRole, ownerRole } from "./roles";

function assignment(scope: string, principalId: string, roleId: string, now: Date): ResourceRecord {
  const name = guidOf(scope, principalId, roleId);
  const at = now.toISOString();
  return {
    id: `${scope}/providers/${assignmentType}/${name}`,
    name,
    type: assignmentType,
    properties: {
      roleDefinitionId: `/subscriptions/${subscriptionId}/providers/Microsoft.Authorization/roleDefinitions/${roleId}`,
      principalId,
      principalType: "ServicePrincipal",
      scope,
      createdOn: at,
      updatedOn: at,
    },
  };
}

/** Whoever runs the local cloud owns its subscription, as who makes one in Azure does: no role on data comes with it. */
export async function seedOwner(resources: ResourceStore, now: Date): Promise<void> {
  const owner = assignment(`/subscriptions/${subscriptionId}`, deployer.objectId, ownerRole, now);
  if (!resources.get(owner.id)) await resources.put(owner);
}

/**
 * A new endpoint with an identity of its own is given the role of reading the workspace's default datastore; one with an
 * assigned identity is not.
 * https://learn.microsoft.com/azure/machine-learning/concept-endpoints-online-auth#automatic-role-assignment-for-endpoint-identity
 */
export async function grantEndpoint(endpoint: ResourceRecord, created: boolean, cloud: Cloud): Promise<void> {
  const principalId = endpoint.identity?.principalId;
  const workspace = cloud.resources.get(workspaceOf(endpoint.id));
  const account = cloud.resources.get(String(workspace?.properties.storageAccount));
  if (!created || typeof principalId !== "string" || !account) return;
  await cloud.resources.put(assignment(account.id, principalId, blobReaderRole, cloud.now()));
  await cloud.access.refresh();
}
