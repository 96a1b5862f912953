import versions from "./apiVersions.json";

/**
 * The api-versions of each type, as Bicep's types of Azure have them (https://github.com/Azure/bicep-types-az), with those of the
 * installed SDK (see generateApiVersions.ts) and of newer clients. What is stored and answered is the same in all of them.
 */
const byType: ReadonlyMap<string, readonly string[]> = new Map(
  Object.entries(versions).map(([type, list]) => [type.toLowerCase(), list.split(" ")]),
);

/** @param own the one of the table of types. A type that is not listed has those of its namespace. */
export function apiVersionsOf(type: string, own: string): string[] {
  const key = type.toLowerCase();
  const namespace = `${key.split("/")[0]}/`;
  const known = byType.get(key) ?? [...byType].flatMap(([name, list]) => (name.startsWith(namespace) ? list : []));
  return [...new Set([...known, own])].sort();
}
