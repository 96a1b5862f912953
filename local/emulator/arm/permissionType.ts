/** Permissions name a resource group below its subscription, and what is in a registry an asset, whatever it is. */
export function permissionType(type: string): string {
  return type
    .replace(/^Microsoft\.Resources\/resourceGroups$/i, "Microsoft.Resources/subscriptions/resourceGroups")
    .replace(/^(Microsoft\.MachineLearningServices\/registries)\/.+$/i, "$1/assets");
}
