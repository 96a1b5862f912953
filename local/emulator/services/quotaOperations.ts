import { apiVersionsOf } from "../arm/apiVersions";
import { paged } from "../arm/pages";
import type { ScopeOperation, ScopeRequest } from "../arm/scopeOperation";
import { ArmError, type ActionAnswer, type Cloud } from "../contracts";
import { computeProvider, mlProvider, Quotas, type QuotaProvider, type Usage } from "./quota";
import { vmSizes, type VmSize } from "./vmSizes";

const mlVersions = apiVersionsOf(`${mlProvider}/locations`, "2025-12-01");
const computeVersions = [
  "2019-04-01",
  "2021-07-01",
  "2022-03-01",
  "2023-07-01",
  "2024-03-01",
  "2024-07-01",
  "2024-11-01",
];
const quotaVersions = ["2021-03-15-preview", "2023-02-01", "2024-12-18-preview", "2025-03-01"];

const subscription = "/subscriptions/{subscription}";
const ml = `${subscription}/providers/${mlProvider}/locations/{location}`;
const compute = `${subscription}/providers/${computeProvider}`;

/** Usages, quotas and sizes of a region, and how quotas are changed. */
export function quotaOperations(cloud: Cloud): ScopeOperation[] {
  const quotas = new Quotas(cloud);
  const list = (items: readonly unknown[], { path, query }: ScopeRequest): ActionAnswer => ({
    status: 200,
    body: paged(items, path, query, cloud.url, 1000),
  });
  const prefix = `/subscriptions/${cloud.subscriptionId}/providers/${mlProvider}`;
  return [
    {
      method: "GET",
      path: `${ml}/usages`,
      apiVersions: mlVersions,
      permission: `${mlProvider}/locations/usages/read`,
      answer: (request) =>
        list(
          quotas.usages(mlProvider).map(({ name, used, limit }) => ({
            id: `${prefix}/locations/${cloud.location}/usages/${name}`,
            type: `${mlProvider}/${name.startsWith("Total") ? "totalDedicatedCores" : "dedicatedCores"}/usages`,
            unit: "Count",
            currentValue: used,
            limit,
            name: { value: name, localizedValue: name },
          })),
          request,
        ),
    },
    {
      method: "GET",
      path: `${ml}/quotas`,
      apiVersions: mlVersions,
      permission: `${mlProvider}/locations/quotas/read`,
      answer: (request) =>
        list(
          quotas.usages(mlProvider).map(({ name, limit }) => ({
            id: `${prefix}/locations/${cloud.location}/quotas/${name}`,
            type: `${mlProvider}/${name.startsWith("Total") ? "totalDedicatedCores" : "dedicatedCores"}/quotas`,
            unit: "Count",
            limit,
            name: { value: name, localizedValue: name },
          })),
          request,
        ),
    },
    {
      method: "POST",
      path: `${ml}/updateQuotas`,
      apiVersions: mlVersions,
      permission: `${mlProvider}/locations/updateQuotas/action`,
      gap: "an id without a workspace sets the quota of the subscription, for which Azure takes a support request",
      answer: ({ body }) => updateQuotas(body, quotas, cloud),
    },
    {
      method: "GET",
      path: `${ml}/vmSizes`,
      apiVersions: mlVersions,
      permission: `${mlProvider}/locations/vmSizes/read`,
      gap: "the sizes of local/emulator/services/vmSizes.ts",
      answer: () => ({ status: 200, body: { value: vmSizes.map(mlSize) } }),
    },
    {
      method: "GET",
      path: `${compute}/locations/{location}/usages`,
      apiVersions: computeVersions,
      permission: `${computeProvider}/locations/usages/read`,
      answer: (request) => list(quotas.usages(computeProvider).map(computeUsage), request),
    },
    {
      method: "GET",
      path: `${compute}/skus`,
      apiVersions: ["2017-09-01", "2019-04-01", "2021-07-01"],
      permission: `${computeProvider}/skus/read`,
      gap: "the sizes of local/emulator/services/vmSizes.ts, in the one region",
      answer: (request) => list(skusIn(request.query.$filter, cloud.location), request),
    },
    ...microsoftQuota(quotas, cloud),
  ];
}

/** Quotas by the service for them: https://learn.microsoft.com/rest/api/quota/quota */
function microsoftQuota(quotas: Quotas, cloud: Cloud): ScopeOperation[] {
  const path = `${subscription}/providers/{provider}/locations/{location}/providers/Microsoft.Quota/quotas`;
  const providerOf = ({ provider = "" }: Record<string, string>): QuotaProvider => {
    const found = [mlProvider, computeProvider].find((one) => one.toLowerCase() === provider.toLowerCase());
    if (found) return found as QuotaProvider;
    throw new ArmError(400, "InvalidResourceProvider", `Quotas of '${provider}' are not known.`);
  };
  const find = (params: Record<string, string>): { provider: QuotaProvider; usage: Usage } => {
    const provider = providerOf(params);
    const name = params.name?.toLowerCase();
    const usage = quotas.usages(provider).find((one) => one.name.toLowerCase() === name);
    if (!usage) throw new ArmError(404, "InvalidResourceName", `There is no quota '${params.name}' of '${provider}'.`);
    return { provider, usage };
  };
  const answerOf = (usage: Usage, id: string) => ({
    id: `${id.replace(/\/$/, "")}`,
    name: usage.name,
    type: "Microsoft.Quota/Quotas",
    properties: {
      name: { value: usage.name, localizedValue: usage.localizedName },
      unit: "Count",
      isQuotaApplicable: true,
      limit: { limitObjectType: "LimitValue", value: usage.limit },
      properties: {},
    },
  });
  return [
    {
      method: "GET",
      path,
      apiVersions: quotaVersions,
      permission: "Microsoft.Quota/quotas/read",
      answer: (request) => ({
        status: 200,
        body: paged(
          quotas.usages(providerOf(request.params)).map((usage) => answerOf(usage, `${request.path}/${usage.name}`)),
          request.path,
          request.query,
          cloud.url,
          1000,
        ),
      }),
    },
    {
      method: "GET",
      path: `${path}/{name}`,
      apiVersions: quotaVersions,
      permission: "Microsoft.Quota/quotas/read",
      answer: ({ params, path: id }) => ({ status: 200, body: answerOf(find(params).usage, id) }),
    },
    {
      method: "PUT",
      path: `${path}/{name}`,
      apiVersions: quotaVersions,
      permission: "Microsoft.Quota/quotas/write",
      gap: "granted at once, whatever is asked for",
      async answer({ params, path: id, body }) {
        const { provider, usage } = find(params);
        const { properties } = (body ?? {}) as { properties?: { limit?: { value?: unknown } } };
        const limit = limitOf(properties?.limit?.value, "properties.limit.value");
        await quotas.setLimit(provider, usage.name, limit);
        return { status: 200, body: answerOf({ ...usage, limit }, id) };
      },
    },
  ];
}

async function updateQuotas(body: unknown, quotas: Quotas, cloud: Cloud): Promise<ActionAnswer> {
  const { value } = (body ?? {}) as { value?: unknown };
  if (!Array.isArray(value)) throw new ArmError(400, "BadRequest", "The body needs a list 'value' of quotas.", "value");
  const results = [];
  for (const [index, item] of value.entries()) {
    const { id, limit, ...rest } = item as { id?: string; limit?: unknown };
    const wanted = limitOf(limit, `value[${index}].limit`);
    const [, workspace = "", name = ""] = /^(.*\/workspaces\/[^/]+)?.*\/quotas\/(.+)$/i.exec(id ?? "") ?? [];
    const status = await setQuota(decodeURIComponent(name), wanted, workspace, quotas, cloud);
    results.push({ ...rest, id, limit: wanted, status });
  }
  return { status: 200, body: { value: results } };
}

async function setQuota(
  name: string,
  limit: number,
  workspace: string,
  quotas: Quotas,
  cloud: Cloud,
): Promise<
  "Success" | "InvalidVMFamilyName" | "InvalidQuotaExceedsSubscriptionLimit" | "InvalidQuotaBelowClusterMinimum"
> {
  const usage = quotas.usages(mlProvider).find((one) => one.name.toLowerCase() === name.toLowerCase());
  if (!usage || (workspace && !cloud.resources.get(workspace))) return "InvalidVMFamilyName";
  if (workspace && limit > usage.limit) return "InvalidQuotaExceedsSubscriptionLimit";
  if (limit < usage.used) return "InvalidQuotaBelowClusterMinimum";
  await quotas.setLimit(mlProvider, usage.name, limit, workspace);
  return "Success";
}

function limitOf(value: unknown, target: string): number {
  if (typeof value === "number" && Number.isInteger(value) && value >= 0) return value;
  throw new ArmError(400, "BadRequest", `'${target}' is ${JSON.stringify(value)}; a whole number is wanted.`, target);
}

function computeUsage({ name, localizedName, used, limit }: Usage) {
  return { unit: "Count", currentValue: used, limit, name: { value: name, localizedValue: localizedName } };
}

function mlSize({ name, vCpus, memoryGb, gpus, mlFamily }: VmSize) {
  return {
    name: name.toUpperCase(),
    family: mlFamily.replace(/ Cluster Dedicated vCPUs$/, "").replaceAll(" ", ""),
    vCPUs: vCpus,
    gpus,
    memoryGB: memoryGb,
    lowPriorityCapable: true,
    premiumIO: true,
    supportedComputeTypes: ["AmlCompute", "ComputeInstance"],
  };
}

function skusIn(filter: string | undefined, location: string) {
  const [, wanted = location] = /^location\s+eq\s+'([^']+)'$/i.exec(filter ?? "") ?? [];
  if (wanted.toLowerCase() !== location) return [];
  return vmSizes.map(({ name, family, vCpus, memoryGb, gpus }) => ({
    resourceType: "virtualMachines",
    name,
    tier: "Standard",
    size: name.replace("Standard_", ""),
    family,
    locations: [location],
    locationInfo: [{ location, zones: ["1", "2", "3"], zoneDetails: [] }],
    capabilities: [
      { name: "vCPUs", value: String(vCpus) },
      { name: "MemoryGB", value: String(memoryGb) },
      { name: "GPUs", value: String(gpus) },
    ],
    restrictions: [],
  }));
}
