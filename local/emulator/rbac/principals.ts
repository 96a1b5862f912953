import { workspaceOf } from "../arm/ids";
import { deployer, service } from "../constants";
import type { Cloud, Principal, ResourceRecord, ResourceStore } from "../contracts";
import { Applications } from "../identity/applications";
import { guidOf } from "../guid";

/** The managed identity as which a resource acts: its own one, else the first that was assigned to it. */
export function principalOf(record: ResourceRecord | undefined, resources: ResourceStore): Principal | undefined {
  const { principalId, userAssignedIdentities } = (record?.identity ?? {}) as {
    principalId?: string;
    userAssignedIdentities?: Record<string, unknown>;
  };
  if (record && principalId)
    return { objectId: principalId, clientId: guidOf(principalId, "client"), name: record.name };
  const [assigned] = Object.keys(userAssignedIdentities ?? {});
  return assigned === undefined ? undefined : assignedPrincipal(resources.get(assigned));
}

function assignedPrincipal(identity: ResourceRecord | undefined): Principal | undefined {
  const { principalId, clientId } = (identity?.properties ?? {}) as { principalId?: string; clientId?: string };
  return identity && principalId && clientId ? { objectId: principalId, clientId, name: identity.name } : undefined;
}

/**
 * As whom a job reads data and writes its outputs: the identity of its compute, or the workspace's where the compute has
 * none; https://learn.microsoft.com/azure/machine-learning/how-to-identity-based-service-authentication.
 */
export function jobPrincipal(job: ResourceRecord, { resources }: Cloud): Principal {
  const { identity, computeId } = job.properties as { identity?: JobIdentity; computeId?: string };
  if (identity?.identityType === "UserIdentity") return deployer;
  const compute = resources.get(String(computeId));
  const chosen = identity?.identityType === "Managed" ? chosenIdentity(identity, compute, resources) : undefined;
  return chosen ?? principalOf(compute, resources) ?? workspacePrincipal(job, resources);
}

interface JobIdentity {
  identityType?: string;
  clientId?: string;
  objectId?: string;
  resourceId?: string;
}

/** The one of the compute's assigned identities that the job names. */
function chosenIdentity(
  { clientId, objectId, resourceId }: JobIdentity,
  compute: ResourceRecord | undefined,
  resources: ResourceStore,
): Principal | undefined {
  const assigned = (compute?.identity?.userAssignedIdentities ?? {}) as Record<string, unknown>;
  return Object.keys(assigned)
    .filter((id) => resourceId === undefined || id.toLowerCase() === resourceId.toLowerCase())
    .flatMap((id) => assignedPrincipal(resources.get(id)) ?? [])
    .find(
      (principal) =>
        (clientId === undefined || principal.clientId === clientId) &&
        (objectId === undefined || principal.objectId === objectId),
    );
}

/** As whom a deployment fetches its model: the identity of its endpoint, or the workspace's where the endpoint has none. */
export function deploymentPrincipal(deployment: ResourceRecord, { resources }: Cloud): Principal {
  const endpoint = resources.get(deployment.id.replace(/\/deployments\/[^/]+$/i, ""));
  return principalOf(endpoint, resources) ?? workspacePrincipal(deployment, resources);
}

/** A workspace without an identity works with the service's own rights, as one with account keys does. */
function workspacePrincipal({ id }: ResourceRecord, resources: ResourceStore): Principal {
  return principalOf(resources.get(workspaceOf(id)), resources) ?? service;
}

/** Whether the directory has a principal of an object id: of an application, or the identity of a resource. */
export function isPrincipal(objectId: string, { resources, store, subscriptionId }: Cloud): boolean {
  const wanted = objectId.toLowerCase();
  if ([deployer, service].some((principal) => principal.objectId === wanted)) return true;
  if (new Applications(store).list().some(({ principalId }) => principalId === wanted)) return true;
  return resources.below(`/subscriptions/${subscriptionId}`).some((record) => identitiesOf(record).includes(wanted));
}

/** Object ids of the identities that a resource is, or has. */
function identitiesOf({ identity, properties, type }: ResourceRecord): unknown[] {
  const own = /\/userAssignedIdentities$/i.test(type) ? properties.principalId : undefined;
  const { principalId: ofExtension } = (properties.identity ?? {}) as { principalId?: unknown };
  const { kubeletidentity } = (properties.identityProfile ?? {}) as { kubeletidentity?: { objectId?: unknown } };
  return [identity?.principalId, own, ofExtension, kubeletidentity?.objectId];
}
