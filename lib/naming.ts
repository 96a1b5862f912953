import { createHash } from "node:crypto";
import { combineProblems } from "./errors";
import { nameProblem, type Named } from "./nameRules";

/** Six lower-case hex digits that are the same for the same parts; makes globally unique names that stay. */
export function stableSuffix(...parts: readonly string[]): string {
  return createHash("sha256").update(parts.join("\0")).digest("hex").slice(0, 6);
}

/** A GUID from its parts (RFC 9562 version 8), so that a role assignment made twice has one name. */
export function deterministicGuid(...parts: readonly string[]): string {
  const hex = createHash("sha256").update(parts.join("\0").toLowerCase()).digest("hex");
  return [hex.slice(0, 8), hex.slice(8, 12), `8${hex.slice(13, 16)}`, `a${hex.slice(17, 20)}`, hex.slice(20, 32)].join(
    "-",
  );
}

/** What each resource of a stack is called; Azure's limits are in nameRules.ts. */
export interface ResourceNames {
  resourceGroup: string;
  storageAccount: string;
  keyVault: string;
  logAnalytics: string;
  applicationInsights: string;
  workspace: string;
  containerRegistry: string;
  virtualNetwork: string;
  managedIdentity: string;
  actionGroup: string;
  budget: string;
  /** Of the Label Studio that the stack runs itself. */
  labelingNetwork: string;
  containerEnvironment: string;
  labelStudio: string;
  labelStudioIdentity: string;
  imageGateway: string;
  imageGatewayIdentity: string;
  labelingDatabase: string;
}

/** Characters of the stack's name that stand in all names; of a longer one, the first ones and a part of the suffix. */
const longestStack = 7;
const suffixLength = 6;

/**
 * @param name 2 to 10 characters of [a-z0-9], beginning with a letter (checked by the configuration)
 * @param suffix see {@link stableSuffix}; makes the names unique over all of Azure
 * @throws UserError with each name that Azure does not take, what it takes, and what to change
 */
export function resourceNames(name: string, stack: string, suffix: string): ResourceNames {
  const stem = `${name}-${shortened(stack, suffix)}`;
  return checked({
    resourceGroup: `rg-${stem}`,
    storageAccount: `${`st${stem.replace("-", "")}`.slice(0, 24 - suffixLength)}${suffix}`,
    keyVault: `${`kv-${stem}`.slice(0, 24 - suffixLength - 1).replace(/-$/, "")}-${suffix}`,
    logAnalytics: `log-${stem}`,
    applicationInsights: `appi-${stem}`,
    workspace: `mlw-${stem}-${suffix}`,
    containerRegistry: `cr${stem.replace("-", "")}${suffix}`,
    virtualNetwork: `vnet-${stem}`,
    managedIdentity: `id-${stem}-encryption`,
    actionGroup: `ag-${stem}`,
    budget: `budget-${stem}`,
    labelingNetwork: `vnet-${stem}-labels`,
    containerEnvironment: `cae-${stem}-labels`,
    labelStudio: `ca-${stem}-labels`,
    labelStudioIdentity: `id-${stem}-labels`,
    imageGateway: `ca-${stem}-images`,
    imageGatewayIdentity: `id-${stem}-images`,
    labelingDatabase: `psql-${stem}-${suffix}`,
  });
}

/** Of two long stacks that begin alike, each has names of its own. */
function shortened(stack: string, suffix: string): string {
  const plain = stack.toLowerCase().replace(/[^a-z0-9]/g, "");
  if (plain !== "" && plain.length <= longestStack) return plain;
  return `${plain.slice(0, longestStack - 3)}${suffix.slice(0, 3)}`;
}

function checked<Names extends Partial<Record<Named, string>>>(names: Names): Names {
  const problems = (Object.entries(names) as [Named, string][]).flatMap(
    ([kind, name]) => nameProblem(kind, name) ?? [],
  );
  if (problems.length === 0) return names;
  throw combineProblems(
    "Azure does not take these names; choose another name in the configuration, or another stack:",
    problems,
  );
}
