/** Permissions name a resource group below its subscription. */
export function permissionType(type: string): string {
  return type.replace(/^Microsoft\.Resources\/resourceGroups$/i, "Microsoft.Resources/subscriptions/resourceGroups");
}
