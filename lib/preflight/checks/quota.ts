import type { AzureReader, Sku, Usage } from "../azureReader";
import type { Finding } from "../finding";
import type { MachineNeed, Plan } from "../plan";

const help = "Ask for more on the portal's page Quotas";

/** vCPUs of Azure ML and of Compute against what the stack needs to come up, and what it may grow to. */
export async function checkQuota(plan: Plan, azure: AzureReader): Promise<Finding[]> {
  const [skus, families] = [await azure.skus(), await azure.trainingFamilies()];
  const usages = {
    "Azure ML": await azure.usages("Microsoft.MachineLearningServices"),
    Compute: await azure.usages("Microsoft.Compute"),
  };
  const findings: Finding[] = [];
  const totals = { "Azure ML": { least: 0, most: 0 }, Compute: { least: 0, most: 0 } };
  for (const need of plan.machines) {
    const sku = skus.find(({ name }) => name.toLowerCase() === need.vmSize.toLowerCase());
    const cores = coresOf(sku);
    // A size that is not offered is told by another check.
    if (!sku || cores === undefined) continue;
    totals[need.service].least += need.least * cores;
    totals[need.service].most += need.most * cores;
    const family = need.service === "Azure ML" ? families.get(need.vmSize.toLowerCase()) : sku.family;
    const usage = usages[need.service].find(({ name }) => family !== undefined && plain(name.value) === plain(family));
    if (usage) findings.push(...ofMachines(need, cores, usage, plan));
  }
  for (const service of ["Azure ML", "Compute"] as const) {
    const total = usages[service].find(({ name }) =>
      /^(cores|total cluster dedicated regional vcpus)$/i.test(name.value),
    );
    if (total) findings.push(...ofRegion(service, totals[service], total, plan));
  }
  return findings;
}

function ofMachines(need: MachineNeed, cores: number, usage: Usage, plan: Plan): Finding[] {
  const { service, property, vmSize, least, most, mostProperty } = need;
  const fit = Math.floor(usage.limit / cores);
  const evidence = `${service}, "${usage.name.value}" in ${plan.location}: limit ${usage.limit}, used ${usage.currentValue}; ${vmSize} has ${cores} vCPUs`;
  if (fit < least) {
    const what = `${property}: ${least === 1 ? "not one node" : `not ${least} nodes`} of ${vmSize} fits the quota`;
    return [
      {
        severity: "error",
        what,
        evidence,
        next: `${help} (${least * cores} vCPUs at least, ${most * cores} for all), or choose a smaller size.`,
      },
    ];
  }
  if (fit < most) {
    const slower = service === "Azure ML" && property === "compute.vmSize" ? waiting(fit, plan) : "";
    const what = `${mostProperty} is ${most}, and of ${vmSize} only ${fit} ${fit === 1 ? "fits" : "fit"} the quota${slower}`;
    return [
      {
        severity: "warning",
        what,
        evidence,
        next: `${help} (${most * cores} vCPUs), or set ${mostProperty} to ${fit}.`,
      },
    ];
  }
  if (most * cores > usage.limit - usage.currentValue) {
    const what = `${mostProperty} is ${most}; with what is used now, not all of these nodes fit the quota`;
    return [
      {
        severity: "note",
        what,
        evidence,
        next: `Nothing, where the used ones are this stack's own; else ${lower(help)}.`,
      },
    ];
  }
  return [];
}

/** Jobs that want more nodes at a time than fit. */
function waiting(fit: number, { jobs }: Plan): string {
  const concurrency = Math.max(...jobs.map(({ spec }) => spec.limits?.max_concurrent_trials ?? 1), 1);
  return concurrency > fit ? `; a job runs ${concurrency} trials at a time, which wait in turn then` : "";
}

function ofRegion(service: string, cores: { least: number; most: number }, usage: Usage, plan: Plan): Finding[] {
  if (cores.most <= usage.limit) return [];
  const evidence = `${service}, "${usage.name.value}" in ${plan.location}: limit ${usage.limit}, used ${usage.currentValue}`;
  const severity = cores.least > usage.limit ? "error" : "warning";
  const wanted = severity === "error" ? `needs ${cores.least}` : `may grow to ${cores.most}`;
  return [
    {
      severity,
      what: `The stack ${wanted} vCPUs of ${service} in ${plan.location}`,
      evidence,
      next: `${help} (${cores.most} vCPUs).`,
    },
  ];
}

function coresOf(sku: Sku | undefined): number | undefined {
  const cores = Number(sku?.capabilities?.find(({ name }) => name === "vCPUs")?.value);
  return cores > 0 ? cores : undefined;
}

/** Azure ML calls a family `standardNCADSA100v4Family` and, in usages, `Standard NCADSA100v4 Family Cluster Dedicated vCPUs`. */
function plain(family: string): string {
  return family
    .replace(/ cluster dedicated vcpus$/i, "")
    .replaceAll(" ", "")
    .toLowerCase();
}

function lower(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}
