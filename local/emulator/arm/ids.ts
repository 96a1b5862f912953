/** What the path of an ARM request points to. */
export interface ArmTarget {
  /** Id of the resource, or of the resource that the collection or the action belongs to. */
  id: string;
  kind: "resource" | "collection";
  /** Full ARM type of the resource, or of the collection's members. */
  type: string;
  name: string;
  /** Id of the containing resource; "" above subscriptions. */
  parentId: string;
  /** Last segment of a collection's path, which is an action when it is POSTed to. */
  lastSegment: string;
}

const belowManagementGroup = /^\/providers\/Microsoft\.Management\/managementGroups\/[^/]+\/providers\/./i;

/** The one management group, above the subscription, which Azure names for the tenant. */
export function rootManagementGroup(tenantId: string): string {
  return `/providers/Microsoft.Management/managementGroups/${tenantId}`;
}

const groupType = "Microsoft.Resources/resourceGroups";

/** Takes the path of a request apart, whose names may be percent-encoded; undefined when it is no path of ARM. */
export function parsePath(path: string): ArmTarget | undefined {
  try {
    const segments = path.split("/").map(decodeURIComponent);
    return segments.some((segment) => segment.includes("/")) ? undefined : parseTarget(segments.join("/"));
  } catch {
    return undefined;
  }
}

/** Takes an id apart; undefined when it is no id of ARM. */
export function parseTarget(id: string): ArmTarget | undefined {
  const segments = id.split("/").filter(Boolean);
  if (segments[0]?.toLowerCase() !== "subscriptions" && !belowManagementGroup.test(id)) return undefined;
  const providers = segments
    .map((segment, index) => (segment.toLowerCase() === "providers" ? index : -1))
    .filter((index) => index >= 0);
  const last = providers.at(-1);
  if (last === undefined) return parseGroupTarget(segments);
  const namespace = segments[last + 1] ?? "";
  const rest = segments.slice(last + 2);
  const scope = `/${segments.slice(0, last).join("/")}`;
  const types = rest.filter((_, index) => index % 2 === 0);
  const isResource = rest.length > 0 && rest.length % 2 === 0;
  const inner = rest.slice(0, isResource ? -2 : -1);
  const parentId = inner.length > 0 ? `${scope}/providers/${namespace}/${inner.join("/")}` : scope;
  return {
    id: isResource ? `/${segments.join("/")}` : parentId,
    kind: isResource ? "resource" : "collection",
    type: [namespace, ...types].join("/"),
    name: isResource ? (rest.at(-1) ?? "") : "",
    parentId,
    lastSegment: rest.at(-1) ?? "",
  };
}

function parseGroupTarget(segments: string[]): ArmTarget | undefined {
  const [, subscription, collection, group, ...rest] = segments;
  if (collection?.toLowerCase() !== "resourcegroups" || rest.length > 0) return undefined;
  const subscriptionId = `/subscriptions/${subscription}`;
  return {
    id: group ? `${subscriptionId}/resourceGroups/${group}` : subscriptionId,
    kind: group ? "resource" : "collection",
    type: groupType,
    name: group ?? "",
    parentId: subscriptionId,
    lastSegment: group ?? "resourceGroups",
  };
}

/** Id of the resource group that an id lies in. */
export function resourceGroupOf(id: string): string | undefined {
  return /^\/subscriptions\/[^/]+\/resourceGroups\/[^/]+/i.exec(id)?.[0];
}

/** The id of the workspace that an id lies in. */
export function workspaceOf(id: string): string {
  return /^.*\/providers\/Microsoft\.MachineLearningServices\/workspaces\/[^/]+/i.exec(id)?.[0] ?? "";
}
