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

function named(pattern: RegExp, rule: string): NameRule {
  return { pattern, rule, code: "InvalidResourceName" };
}

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
  "microsoft.network/virtualnetworks": named(
    /^[a-zA-Z0-9]([\w.-]{0,62}\w)$/,
    "2 to 64 letters, digits, '_', '-' and '.'",
  ),
  "microsoft.network/virtualnetworks/subnets": named(
    /^[a-zA-Z0-9]([\w.-]{0,78}\w)?$/,
    "1 to 80 letters, digits, '_', '-' and '.'",
  ),
  "microsoft.network/networksecuritygroups": named(
    /^[a-zA-Z0-9]([\w.-]{0,78}\w)?$/,
    "1 to 80 letters, digits, '_', '-' and '.'",
  ),
  "microsoft.network/privateendpoints": named(
    /^[a-zA-Z0-9]([\w.-]{0,62}\w)$/,
    "2 to 64 letters, digits, '_', '-' and '.'",
  ),
  "microsoft.network/privatednszones": named(
    /^([a-zA-Z0-9_]([\w-]{0,61}[a-zA-Z0-9])?\.)+[a-zA-Z]{2,63}$/,
    "2 to 34 labels with dots between them",
  ),
  "microsoft.containerregistry/registries": named(/^[a-zA-Z0-9]{5,50}$/, "5 to 50 letters and digits"),
  "microsoft.app/containerapps": named(
    /^[a-z](?!.*--)[a-z0-9-]{0,30}[a-z0-9]$/,
    "2 to 32 lower-case letters, digits and '-'",
  ),
  "microsoft.dbforpostgresql/flexibleservers": named(
    /^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$/,
    "3 to 63 lower-case letters, digits and '-'",
  ),
  "microsoft.managedidentity/userassignedidentities/federatedidentitycredentials": named(
    /^[a-zA-Z0-9][\w-]{2,119}$/,
    "3 to 120 letters, digits, '-' and '_'",
  ),
  [`${ml}/datastores`]: asset,
  [`${ml}/data`]: asset,
  [`${ml}/models`]: asset,
  [`${ml}/environments`]: asset,
  [`${ml}/codes`]: asset,
  [`${ml}/onlineendpoints`]: asset,
};

/** @throws ArmError 400 for a name that the type does not take */
export function checkName(type: string, name: string): void {
  const mistake = nameMistake(type, name);
  if (mistake) throw mistake;
}

export function nameMistake(type: string, name: string): ArmError | undefined {
  const { pattern, rule, code } = rules[type.toLowerCase()] ?? {};
  if (!pattern || pattern.test(name)) return undefined;
  return new ArmError(400, code ?? "InvalidResourceName", `'${name}' is no valid name of '${type}': ${rule}.`, "name");
}
