import { ArmError, type ResourceRecord } from "../contracts";

/** By the words of a list's order: `createdtime desc` of versions, and `UpdatedAtAsc` of endpoints. */
const words = /^(created|modified|updated)(?:time|at)\s*(asc|desc)?$/i;

/**
 * The order that a list is asked for; undefined without one, which is by name.
 * @throws ArmError 400 for one that Azure ML does not know
 */
export function listOrder(
  query: Readonly<Record<string, string>>,
): ((a: ResourceRecord, b: ResourceRecord) => number) | undefined {
  const [name, given] = Object.entries(query).find(([key]) => /^\$?orderby$/i.test(key)) ?? [];
  if (!name || !given) return undefined;
  const [, what, direction = "asc"] = words.exec(given) ?? [];
  if (!what)
    throw new ArmError(
      400,
      "InvalidQueryParameterValue",
      `The query parameter '${name}' is '${given}'; createdtime or modifiedtime is wanted, with asc or desc.`,
      name,
    );
  const key = what.toLowerCase() === "created" ? "createdAt" : "lastModifiedAt";
  const sign = direction.toLowerCase() === "asc" ? 1 : -1;
  const time = ({ systemData }: ResourceRecord) => String(systemData?.[key]);
  return (a, b) => sign * (time(a) < time(b) ? -1 : time(a) > time(b) ? 1 : 0);
}

/** Whether a record has the tags of a list's filter: `name,other=value`. */
export function hasTags({ tags, properties }: ResourceRecord, query: Readonly<Record<string, string>>): boolean {
  const [, wanted = ""] = Object.entries(query).find(([key]) => /^\$?tags$/i.test(key)) ?? [];
  const own = { ...tags, ...(properties.tags as Record<string, string> | undefined) };
  return wanted
    .split(",")
    .filter(Boolean)
    .every((part) => {
      const [name = "", ...value] = part.split("=");
      return Object.hasOwn(own, name) && (value.length === 0 || own[name] === value.join("="));
    });
}
