import { ArmError, type Cloud, type Principal, type ResourceRecord } from "../contracts";
import { resourceVersions } from "./catalog";
import { groupNotFound } from "./errors";
import { pageOfRecords, positionOf } from "./pages";
import type { ScopeOperation, ScopeRequest } from "./scopeOperation";

/** Of lists of all resources. */
const largestPage = 1000;
/** Types that have a location of their own and are yet no resources of their own in lists of all. */
const untracked = /^Microsoft\.(Resources\/|MachineLearningServices\/workspaces\/computes$)/i;

/** Resources of any type: https://learn.microsoft.com/rest/api/resources/resources/list */
export function genericResourceOperations(cloud: Cloud): ScopeOperation[] {
  const answer = (prefix: string, { path, query, principal }: ScopeRequest) => {
    const matches = filterOf(query.$filter);
    const listed = (record: ResourceRecord) =>
      record.location !== undefined && !untracked.test(record.type) && matches(record) && mayRead(record, principal);
    const records = cloud.resources.belowFrom(prefix, positionOf(query));
    const view = (record: ResourceRecord) => summaryOf(record, query.$expand ?? "");
    return { status: 200, body: pageOfRecords(records, listed, path, query, cloud.url, view, largestPage) };
  };
  const mayRead = ({ type, id }: ResourceRecord, principal: Principal) =>
    cloud.access.allows(principal, `${type}/read`, id);
  return [
    {
      method: "GET",
      path: "/subscriptions/{subscription}/resources",
      apiVersions: resourceVersions,
      answer: (request) => answer(`/subscriptions/${cloud.subscriptionId}`, request),
    },
    {
      method: "GET",
      path: "/subscriptions/{subscription}/resourceGroups/{group}/resources",
      apiVersions: resourceVersions,
      answer(request) {
        const id = request.path.replace(/\/resources\/?$/i, "");
        const group = cloud.resources.get(id);
        if (!group) throw groupNotFound(id);
        return answer(group.id, request);
      },
    },
  ];
}

function summaryOf(record: ResourceRecord, expand: string): Record<string, unknown> {
  const { id, name, type, location, tags, sku, kind, identity, systemData, properties } = record;
  const times = {
    ...(/\bcreatedTime\b/i.test(expand) ? { createdTime: systemData?.createdAt } : {}),
    ...(/\bchangedTime\b/i.test(expand) ? { changedTime: systemData?.lastModifiedAt } : {}),
    ...(/\bprovisioningState\b/i.test(expand) ? { provisioningState: properties.provisioningState } : {}),
  };
  return { id, name, type, location, tags, sku, kind, identity, ...times };
}

type Test = (record: ResourceRecord) => boolean;

/** Terms that are joined with `and`. @throws ArmError 400 for any other filter */
export function filterOf(filter: string | undefined): Test {
  if (!filter) return () => true;
  const terms = filter.split(/\s+and\s+/i).map((term) => term.trim());
  const tagName = /^tagName\s+eq\s+'(.*)'$/i.exec(terms.find((term) => /^tagName/i.test(term)) ?? "")?.[1];
  const tests = terms.map((term) => testOf(term, tagName) ?? invalidFilter(filter));
  return (record) => tests.every((test) => test(record));
}

function testOf(term: string, tagName: string | undefined): Test | undefined {
  const [, name = "", operator = "eq", text = ""] = /^(\w+)\s+(eq|ne)\s+'(.*)'$/i.exec(term) ?? [];
  const value = text.replaceAll("''", "'");
  const compared = (read: (record: ResourceRecord) => string | undefined): Test => {
    return (record) => (read(record)?.toLowerCase() === value.toLowerCase()) === (operator.toLowerCase() === "eq");
  };
  switch (name.toLowerCase()) {
    case "resourcetype":
      return compared(({ type }) => type);
    case "name":
      return compared((record) => record.name);
    case "location":
      return compared(({ location }) => location);
    case "resourcegroup":
      return compared(({ id }) => id.split("/")[4]);
    case "tagname":
      return ({ tags }) => tags !== undefined && value in tags;
    case "tagvalue":
      return tagName === undefined ? undefined : compared(({ tags }) => tags?.[tagName]);
  }
  const [, part] = /^substringof\('(.*)'\s*,\s*name\)$/i.exec(term) ?? [];
  return part === undefined ? undefined : (record) => record.name.toLowerCase().includes(part.toLowerCase());
}

function invalidFilter(filter: string): never {
  throw new ArmError(
    400,
    "InvalidFilterInQueryString",
    `Invalid $filter '${filter}' specified in the query string.`,
    "$filter",
  );
}
