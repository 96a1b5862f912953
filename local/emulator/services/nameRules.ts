import { ArmError } from "../contracts";

interface NameRule {
  pattern: RegExp;
  /** What the pattern means, for people. */
  rule: string;
  code: string;
}

const ml = "microsoft.machinelearningservices/workspaces";

/** Of Azure ML's own specification: the pattern of `{name}` in the paths of 2025-12-01. */
const asset: NameRule = {
  pattern: /^[a-zA-Z0-9][\w-]{0,254}$/,
  rule: "1 to 255 letters, digits, '-' and '_', beginning with a letter or a digit",
  code: "ValidationError",
};

/**
 * Names that a type takes, beside what its own behaviour asks:
 * https://learn.microsoft.com/azure/azure-resource-manager/management/resource-name-rules, and the specifications of the providers.
 */
const rules: Readonly<Record<string, NameRule>> = {
  "microsoft.managedidentity/userassignedidentities": {
    pattern: /^[a-zA-Z0-9][\w-]{2,127}$/,
    rule: "3 to 128 letters, digits, '-' and '_', beginning with a letter or a digit",
    code: "InvalidResourceName",
  },
  "microsoft.operationalinsights/workspaces": {
    pattern: /^[a-zA-Z0-9][a-zA-Z0-9-]{2,61}[a-zA-Z0-9]$/,
    rule: "4 to 63 letters, digits and '-', with a letter or a digit at both ends",
    code: "InvalidResourceName",
  },
  "microsoft.containerservice/managedclusters": {
    pattern: /^[a-zA-Z0-9]([\w-]{0,61}[a-zA-Z0-9])?$/,
    rule: "1 to 63 letters, digits, '-' and '_', with a letter or a digit at both ends",
    code: "InvalidParameter",
  },
  "microsoft.containerservice/managedclusters/agentpools": {
    pattern: /^[a-z][a-z0-9]{0,11}$/,
    rule: "1 to 12 lower-case letters and digits, beginning with a letter",
    code: "InvalidParameter",
  },
  [`${ml}/datastores`]: asset,
  [`${ml}/data`]: asset,
  [`${ml}/models`]: asset,
  [`${ml}/environments`]: asset,
  [`${ml}/codes`]: asset,
  [`${ml}/onlineendpoints`]: asset,
};

/** @throws ArmError 400 for a name that the type does not take */
export function checkName(type: string, name: string): void {
  const { pattern, rule, code } = rules[type.toLowerCase()] ?? {};
  if (!pattern || pattern.test(name)) return;
  throw new ArmError(400, code ?? "InvalidResourceName", `'${name}' is no valid name of '${type}': ${rule}.`, "name");
}
