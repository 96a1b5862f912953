/** What Azure takes as a name, and where it must be the only one. */
export interface NameRule {
  /** What it names, for people. */
  what: string;
  pattern: RegExp;
  /** What the pattern means. */
  allowed: string;
  unique: "all of Azure" | "its region" | "the subscription" | "the resource group" | "the workspace";
}

const underscored = "3 to 128 letters, digits and _ -, beginning with a letter or digit";

function identity(what: string): NameRule {
  return { what, pattern: /^[a-zA-Z0-9][\w-]{2,127}$/, allowed: underscored, unique: "the resource group" };
}

function containerApp(what: string): NameRule {
  return {
    what,
    pattern: /^[a-z](?!.*--)[a-z0-9-]{0,30}[a-z0-9]$/,
    allowed:
      "2 to 32 lower-case letters, digits and single hyphens, beginning with a letter and ending with a letter or digit",
    unique: "the resource group",
  };
}

function virtualNetwork(what: string): NameRule {
  return {
    what,
    pattern: /^[a-zA-Z0-9][\w.-]{0,62}\w$/,
    allowed: "2 to 64 letters, digits and _ - ., beginning with a letter or digit and ending with one or _",
    unique: "the resource group",
  };
}

const hyphened = "letters, digits and hyphens, with a letter or digit at both ends";

/** @see https://learn.microsoft.com/azure/azure-resource-manager/management/resource-name-rules */
export const nameRules = {
  resourceGroup: {
    what: "resource group",
    pattern: /^[\w.()-]{0,89}[\w()-]$/,
    allowed: "1 to 90 letters, digits and _ - . ( ), not ending with a period",
    unique: "the subscription",
  },
  storageAccount: {
    what: "storage account",
    pattern: /^[a-z0-9]{3,24}$/,
    allowed: "3 to 24 lower-case letters and digits",
    unique: "all of Azure",
  },
  keyVault: {
    what: "Key Vault",
    pattern: /^(?!.*--)[a-zA-Z][a-zA-Z0-9-]{1,22}[a-zA-Z0-9]$/,
    allowed: "3 to 24 letters, digits and single hyphens, beginning with a letter and ending with a letter or digit",
    unique: "all of Azure",
  },
  containerRegistry: {
    what: "container registry",
    pattern: /^[a-zA-Z0-9]{5,50}$/,
    allowed: "5 to 50 letters and digits",
    unique: "all of Azure",
  },
  logAnalytics: {
    what: "Log Analytics workspace",
    pattern: /^[a-zA-Z0-9][a-zA-Z0-9-]{2,61}[a-zA-Z0-9]$/,
    allowed: `4 to 63 ${hyphened}`,
    unique: "the resource group",
  },
  applicationInsights: {
    what: "Application Insights component",
    pattern: /^[^%&\\?/#]{0,259}[^%&\\?/#. ]$/,
    allowed: "1 to 260 characters without % & \\ ? / #, not ending with a space or period",
    unique: "the resource group",
  },
  workspace: {
    what: "Azure ML workspace",
    pattern: /^[a-zA-Z0-9][a-zA-Z0-9-]{2,32}$/,
    allowed: "3 to 33 letters, digits and hyphens, beginning with a letter or digit",
    unique: "the resource group",
  },
  virtualNetwork: virtualNetwork("virtual network"),
  managedIdentity: identity("managed identity"),
  actionGroup: {
    what: "action group",
    pattern: /^[^:<>+/&%\\?|]{0,259}[^:<>+/&%\\?|. ]$/,
    allowed: "1 to 260 characters without : < > + / & % \\ ? |, not ending with a space or period",
    unique: "the resource group",
  },
  budget: {
    what: "budget",
    pattern: /^[\w-]{1,63}$/,
    allowed: "1 to 63 letters, digits and _ -",
    unique: "the resource group",
  },
  labelingNetwork: virtualNetwork("virtual network of the labeling"),
  containerEnvironment: {
    what: "environment of container apps",
    pattern: /^[a-z](?!.*--)[a-z0-9-]{0,58}[a-z0-9]$/,
    allowed:
      "2 to 60 lower-case letters, digits and single hyphens, beginning with a letter and ending with a letter or digit",
    unique: "the resource group",
  },
  labelStudio: containerApp("container app of Label Studio"),
  imageGateway: containerApp("container app of the image gateway"),
  labelStudioIdentity: identity("identity of Label Studio"),
  imageGatewayIdentity: identity("identity of the image gateway"),
  labelingDatabase: {
    what: "PostgreSQL server of the labeling",
    pattern: /^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$/,
    allowed: "3 to 63 lower-case letters, digits and hyphens, with a letter or digit at both ends",
    unique: "all of Azure",
  },
  trainingCluster: {
    what: "training cluster",
    pattern: /^[a-zA-Z][a-zA-Z0-9-]{1,30}[a-zA-Z0-9]$/,
    allowed: "3 to 32 letters, digits and hyphens, beginning with a letter and ending with a letter or digit",
    unique: "the workspace",
  },
  /** Both an AKS cluster (1 to 63) and a compute that is attached to a workspace. */
  attachedCluster: {
    what: "cluster and the compute that it is attached as",
    pattern: /^[a-zA-Z0-9][a-zA-Z0-9-]{0,14}[a-zA-Z0-9]$/,
    allowed: `2 to 16 ${hyphened}`,
    unique: "the resource group",
  },
} as const satisfies Record<string, NameRule>;

export type Named = keyof typeof nameRules;

/** Undefined for a name that Azure takes. */
export function nameProblem(kind: Named, name: string): string | undefined {
  const { what, pattern, allowed } = nameRules[kind];
  return pattern.test(name) ? undefined : `the name of the ${what} is "${name}"; allowed are ${allowed}`;
}
