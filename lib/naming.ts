import { createHash } from "node:crypto";

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

/**
 * What each resource of a stack is called. Azure's limits: storage account 3-24 [a-z0-9], vault 3-24, workspace 3-33,
 * registry 5-50 [a-zA-Z0-9].
 */
export interface ResourceNames {
  resourceGroup: string;
  storageAccount: string;
  keyVault: string;
  logAnalytics: string;
  applicationInsights: string;
  workspace: string;
  containerRegistry: string;
  virtualNetwork: string;
  encryptionIdentity: string;
  actionGroup: string;
  budget: string;
}

/**
 * @param name 2 to 10 characters of [a-z0-9], beginning with a letter (checked by the configuration)
 * @param suffix see {@link stableSuffix}; makes the names unique over all of Azure
 */
export function resourceNames(name: string, stack: string, suffix: string): ResourceNames {
  const stem = `${name}-${stack
    .toLowerCase()
    .replace(/[^a-z0-9]/g, "")
    .slice(0, 7)}`;
  return {
    resourceGroup: `rg-${stem}`,
    storageAccount: `st${stem.replace("-", "")}${suffix}`.slice(0, 24),
    keyVault: `kv-${stem}-${suffix}`.slice(0, 24),
    logAnalytics: `log-${stem}`,
    applicationInsights: `appi-${stem}`,
    workspace: `mlw-${stem}-${suffix}`,
    containerRegistry: `cr${stem.replace("-", "")}${suffix}`,
    virtualNetwork: `vnet-${stem}`,
    encryptionIdentity: `id-${stem}-encryption`,
    actionGroup: `ag-${stem}`,
    budget: `budget-${stem}`,
  };
}
