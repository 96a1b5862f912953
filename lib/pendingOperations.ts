interface Exported {
  deployment?: {
    resources?: { urn: string; delete?: boolean }[];
    pending_operations?: { type: string; resource: { urn: string } }[];
  };
}

/**
 * Whether all that an interrupted run left as pending has come to its end since: what it was creating is in the state by now.
 * The engine itself never finds that out, and warns of it in each later run.
 * @param exported what `pulumi stack export` prints
 */
export function isAllMade(exported: string): boolean {
  const { resources = [], pending_operations: pending = [] } = (JSON.parse(exported) as Exported).deployment ?? {};
  const made = new Set(resources.filter((one) => !one.delete).map(({ urn }) => urn));
  return pending.length > 0 && pending.every(({ type, resource }) => type === "creating" && made.has(resource.urn));
}
