import { supportingTypes } from "../../supportingTypes";
import { armTypeOf } from "../../resourceTypes";
import type { Cloud, ResourceRecord, TypeBehaviour } from "../contracts";
import { guidOf } from "../guid";
import { containerApps, containerAppSignIns } from "./containerApps";
import { containerEnvironments } from "./containerEnvironments";
import { policyExemptions } from "./policyExemptions";
import { postgresServers } from "./postgres";
import { missingReference, type Supporting } from "./supportingRules";

const networkType = "Microsoft.Network/virtualNetworks";
const subnetType = `${networkType}/subnets`;

/** Made and deleted by long-running operations, as their specifications say. */
const longRunning = new Set(
  [
    networkType,
    subnetType,
    "Microsoft.Network/networkSecurityGroups",
    "Microsoft.Network/privateEndpoints",
    "Microsoft.Network/privateEndpoints/privateDnsZoneGroups",
    "Microsoft.Network/privateDnsZones",
    "Microsoft.Network/privateDnsZones/virtualNetworkLinks",
    "Microsoft.ContainerRegistry/registries",
    "Microsoft.App/managedEnvironments",
    "Microsoft.App/containerApps",
    "Microsoft.DBforPostgreSQL/flexibleServers",
    "Microsoft.DBforPostgreSQL/flexibleServers/databases",
    "Microsoft.DBforPostgreSQL/flexibleServers/firewallRules",
    "Microsoft.DBforPostgreSQL/flexibleServers/configurations",
  ].map((type) => type.toLowerCase()),
);

interface Subnet {
  name?: string;
  properties?: Record<string, unknown>;
}

const special: Readonly<Record<string, Supporting>> = {
  [networkType]: {
    added: ({ id }) => ({ resourceGuid: guidOf(id) }),
    view: ({ id }, { resources }) => ({ subnets: resources.list(id, subnetType).map(withoutSystemData) }),
  },
  "Microsoft.Network/privateEndpoints": {
    check({ body }, { resources }) {
      const subnet = (body.properties?.subnet ?? {}) as { id?: string };
      if (subnet.id === undefined || !resources.get(subnet.id))
        throw missingReference(subnet.id, "properties.subnet.id");
      for (const list of ["privateLinkServiceConnections", "manualPrivateLinkServiceConnections"])
        for (const { properties } of (body.properties?.[list] ?? []) as Subnet[]) {
          const target = properties?.privateLinkServiceId;
          if (typeof target !== "string" || !resources.get(target))
            throw missingReference(target, `properties.${list}.properties.privateLinkServiceId`);
        }
    },
  },
  "Microsoft.Network/privateDnsZones": { added: () => ({ numberOfRecordSets: 1, maxNumberOfRecordSets: 25_000 }) },
  "Microsoft.Network/privateDnsZones/virtualNetworkLinks": {
    check({ body }, { resources }) {
      const { id } = (body.properties?.virtualNetwork ?? {}) as { id?: string };
      if (id === undefined || !resources.get(id)) throw missingReference(id, "properties.virtualNetwork.id");
    },
    added: () => ({ virtualNetworkLinkState: "Completed" }),
  },
  "Microsoft.ContainerRegistry/registries": {
    added: ({ name }) => ({ loginServer: `${name.toLowerCase()}.azurecr.localhost` }),
  },
  "Microsoft.App/managedEnvironments": containerEnvironments,
  "Microsoft.App/containerApps": containerApps,
  "Microsoft.App/containerApps/authConfigs": containerAppSignIns,
  "Microsoft.DBforPostgreSQL/flexibleServers": postgresServers,
  "Microsoft.Authorization/policyExemptions": policyExemptions,
};

/** Records of what stands around the flow; of the services themselves nothing runs. */
export const supportingBehaviours: readonly TypeBehaviour[] = supportingTypes.map((entry): TypeBehaviour => {
  const type = armTypeOf(entry);
  const own: Supporting = special[type] ?? {};
  return {
    type,
    coverage: { gaps: { PUT: "a record: nothing runs behind it" } },
    check: (request, cloud) => own.check?.(request, cloud),
    properties: (request, cloud) => {
      const kept = Object.entries(request.body.properties ?? {}).filter(([key]) => !own.hidden?.includes(key));
      return { ...Object.fromEntries(kept), ...own.added?.(request, cloud) };
    },
    ...(longRunning.has(type.toLowerCase()) ? { provision: async () => {} } : {}),
    ...(/policyAssignments$/.test(type) ? { answersDeleted: true } : {}),
    ...(type === networkType ? { afterPut: putSubnets } : {}),
    ...(own.view ? { view: (record, cloud) => own.view?.(record, cloud) ?? {} } : {}),
  };
});

/** Subnets of a network's body are resources of their own, and those that it no longer names are removed. */
async function putSubnets({ id, properties }: ResourceRecord, _created: boolean, { resources }: Cloud): Promise<void> {
  const { subnets } = properties as { subnets?: Subnet[] };
  if (!subnets) return;
  const names = new Set(subnets.map(({ name = "" }) => name.toLowerCase()));
  for (const { name, id: gone } of resources.list(id, subnetType))
    if (!names.has(name.toLowerCase())) await resources.remove(gone);
  for (const { name = "", properties: given } of subnets)
    await resources.put({
      id: `${id}/subnets/${name}`,
      name,
      type: subnetType,
      properties: { provisioningState: "Succeeded", ...given },
    });
}

function withoutSystemData({ systemData: _, ...record }: ResourceRecord): Record<string, unknown> {
  return record;
}
