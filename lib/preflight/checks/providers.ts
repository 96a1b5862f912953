import type { AzureReader } from "../azureReader";
import type { Finding } from "../finding";
import { namespacesOf } from "../actions";
import type { Plan } from "../plan";

/** Resource providers that the subscription has not registered. */
export async function checkProviders(plan: Plan, azure: AzureReader): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const namespace of namespacesOf(plan)) {
    const state = await azure.registration(namespace);
    if (state === "Registered" || state === "Registering") continue;
    findings.push({
      severity: "error",
      what: `The resource provider ${namespace} is not registered`,
      evidence: `registrationState is ${state === undefined ? "not there" : `"${state}"`}`,
      next: `az provider register --namespace ${namespace} --subscription ${plan.subscriptionId}`,
    });
  }
  return findings;
}
