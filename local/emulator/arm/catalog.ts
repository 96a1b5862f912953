import type { Cloud } from "../contracts";
import { apiVersionsOf } from "./apiVersions";
import { notImplemented } from "./errors";
import { paged } from "./pages";
import { Registrations } from "./registrations";
import type { ScopeOperation } from "./scopeOperation";
import type { TypeRegistry } from "./types";

const subscriptionVersions =
  "2014-04-01 2015-11-01 2016-06-01 2018-06-01 2019-06-01 2019-11-01 2020-01-01 2021-01-01 2022-12-01".split(" ");
export const resourceVersions = apiVersionsOf("Microsoft.Resources/resourceGroups", "2024-03-01");

/** Tenant, subscription, regions and resource providers; https://learn.microsoft.com/rest/api/resources */
export function catalogOperations(
  cloud: Cloud,
  types: TypeRegistry,
  others: () => readonly ScopeOperation[],
): ScopeOperation[] {
  const { tenantId, subscriptionId, location } = cloud;
  const subscription = {
    id: `/subscriptions/${subscriptionId}`,
    subscriptionId,
    tenantId,
    displayName: "Local",
    state: "Enabled",
    authorizationSource: "RoleBased",
    subscriptionPolicies: {
      locationPlacementId: "Public_2014-09-01",
      quotaId: "PayAsYouGo_2014-09-01",
      spendingLimit: "Off",
    },
  };
  const registrations = new Registrations(cloud);
  const providers = () => providersOf(types, others(), registrations, subscriptionId, location);
  const provider = (namespace = "") => {
    const found = providers().find((one) => one.namespace.toLowerCase() === namespace.toLowerCase());
    if (!found) throw notImplemented(`resource provider '${namespace}'`);
    return { status: 200, body: found };
  };
  const subscriptionRead = "Microsoft.Resources/subscriptions/read";
  const registration = (change: "register" | "unregister", gap: string): ScopeOperation => ({
    method: "POST",
    path: `/subscriptions/{subscription}/providers/{namespace}/${change}`,
    apiVersions: resourceVersions,
    permission: `Microsoft.Resources/subscriptions/providers/${change}/action`,
    gap,
    async answer({ params }) {
      const { body } = provider(params.namespace);
      await registrations[change](body.namespace);
      return provider(params.namespace);
    },
  });
  return [
    {
      method: "GET",
      path: "/tenants",
      apiVersions: subscriptionVersions,
      answer: () => ({
        status: 200,
        body: {
          value: [
            { id: `/tenants/${tenantId}`, tenantId, displayName: "Local", tenantCategory: "Home", tenantType: "AAD" },
          ],
        },
      }),
    },
    {
      method: "GET",
      path: "/subscriptions",
      apiVersions: subscriptionVersions,
      answer: () => ({ status: 200, body: { value: [subscription], count: { type: "Total", value: 1 } } }),
    },
    {
      method: "GET",
      path: "/subscriptions/{subscription}",
      apiVersions: subscriptionVersions,
      permission: subscriptionRead,
      answer: () => ({ status: 200, body: subscription }),
    },
    {
      method: "GET",
      path: "/subscriptions/{subscription}/locations",
      apiVersions: subscriptionVersions,
      permission: "Microsoft.Resources/subscriptions/locations/read",
      gap: "the one region of the local cloud",
      answer: () => ({
        status: 200,
        body: {
          value: [
            {
              id: `/subscriptions/${subscriptionId}/locations/${location}`,
              name: location,
              type: "Region",
              displayName: displayName(location),
              regionalDisplayName: displayName(location),
              metadata: { regionType: "Physical", regionCategory: "Recommended", geographyGroup: "US" },
            },
          ],
        },
      }),
    },
    {
      method: "GET",
      path: "/subscriptions/{subscription}/providers",
      apiVersions: resourceVersions,
      permission: subscriptionRead,
      answer: ({ path, query }) => ({ status: 200, body: paged(providers(), path, query, cloud.url) }),
    },
    {
      method: "GET",
      path: "/subscriptions/{subscription}/providers/{namespace}",
      apiVersions: resourceVersions,
      permission: subscriptionRead,
      answer: ({ params }) => provider(params.namespace),
    },
    registration("register", "every provider is registered from the beginning"),
    registration("unregister", "at once, and whether or not resources of it are left"),
  ];
}

interface Provider {
  id: string;
  namespace: string;
  registrationPolicy: "RegistrationRequired";
  registrationState: "Registered" | "Unregistered";
  resourceTypes: { resourceType: string; locations: string[]; apiVersions: string[]; capabilities: string }[];
}

/** From the table of resource types, and from the operations below `/providers/NAMESPACE/`. */
function providersOf(
  types: TypeRegistry,
  operations: readonly ScopeOperation[],
  registrations: Registrations,
  subscriptionId: string,
  location: string,
): Provider[] {
  const byNamespace = new Map<string, Map<string, string[]>>();
  const add = (namespace: string, resourceType: string, apiVersions: readonly string[]) => {
    const known = byNamespace.get(namespace) ?? new Map<string, string[]>();
    byNamespace.set(namespace, known.set(resourceType, [...apiVersions].sort().reverse()));
  };
  for (const { type, apiVersions } of types.all()) {
    const [namespace = "", ...rest] = type.split("/");
    add(namespace, rest.join("/"), apiVersions);
  }
  for (const { path, apiVersions } of operations) {
    const [, namespace, rest = ""] = /\/providers\/(Microsoft\.\w+)\/(.+)$/.exec(path) ?? [];
    const resourceType = rest.split("/").filter((segment) => !segment.startsWith("{"));
    if (namespace && !byNamespace.get(namespace)?.has(resourceType.join("/")))
      add(namespace, resourceType.join("/"), apiVersions);
  }
  return [...byNamespace].sort().map(([namespace, known]) => ({
    id: `/subscriptions/${subscriptionId}/providers/${namespace}`,
    namespace,
    registrationPolicy: "RegistrationRequired",
    registrationState: registrations.isRegistered(namespace) ? "Registered" : "Unregistered",
    resourceTypes: [...known].map(([resourceType, apiVersions]) => ({
      resourceType,
      locations: [displayName(location)],
      apiVersions,
      capabilities: "None",
    })),
  }));
}

/** Only the region of this cloud has to be spelled. */
function displayName(location: string): string {
  return location === "eastus2" ? "East US 2" : location;
}
