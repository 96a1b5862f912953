import { ArmRequestError } from "../azure/arm";
import type { AzureReader } from "./azureReader";
import { checkLabeling } from "./checks/labeling";
import { checkDatabase, checkNames } from "./checks/names";
import { checkPermissions } from "./checks/permissions";
import { checkProviders } from "./checks/providers";
import { checkQuota } from "./checks/quota";
import { checkRegistry } from "./checks/registry";
import { checkSizes } from "./checks/sizes";
import { checkSoftDeleted } from "./checks/softDeleted";
import { checkTenantPolicies } from "./checks/tenantPolicies";
import type { CheckedFinding, Finding, Severity } from "./finding";
import type { Plan } from "./plan";

type Check = (plan: Plan, azure: AzureReader) => Promise<Finding[]>;

/** By name, in the order in which their findings are told. */
export const checks = {
  permissions: checkPermissions,
  providers: checkProviders,
  sizes: checkSizes,
  quota: checkQuota,
  names: checkNames,
  database: checkDatabase,
  registry: checkRegistry,
  softDeleted: checkSoftDeleted,
  tenantPolicies: checkTenantPolicies,
  labeling: checkLabeling,
} as const satisfies Record<string, Check>;

const order: readonly Severity[] = ["error", "warning", "note"];

/** What would fail, the worst first. A check that may not read what it wants says so and stops no other. */
export async function preflight(
  plan: Plan,
  azure: AzureReader,
  skipped: ReadonlySet<string>,
): Promise<CheckedFinding[]> {
  const wanted = Object.entries<Check>(checks).filter(([name]) => !skipped.has(name));
  const found = await Promise.all(
    wanted.map(async ([check, run]) => (await attempt(run, plan, azure)).map((finding) => ({ check, ...finding }))),
  );
  return found.flat().sort((a, b) => order.indexOf(a.severity) - order.indexOf(b.severity));
}

async function attempt(run: Check, plan: Plan, azure: AzureReader): Promise<Finding[]> {
  try {
    return await run(plan, azure);
  } catch (error) {
    if (!(error instanceof ArmRequestError)) throw error;
    const next =
      error.status === 403
        ? "Give the identity the role Reader on the subscription, or run the check as the identity that deploys."
        : "Try again later.";
    return [{ severity: "warning", what: "This could not be checked", evidence: error.message, next }];
  }
}
