import { ArmError, type ResourceRecord } from "../contracts";

type Query = Record<string, string>;

const largestPage = 100;

/** A page of a list, and where the next one is. */
export function paged<T>(
  items: readonly T[],
  path: string,
  query: Record<string, string>,
  url: string,
  largest = largestPage,
): { value: T[]; nextLink?: string } {
  const skip = wholeNumber(query, ["$skip", "$skipToken"]) ?? 0;
  const size = Math.min(largest, wholeNumber(query, ["$top", "count", "maxresults"]) ?? largest);
  const next = skip + size;
  const value = items.slice(skip, next);
  if (next >= items.length || size === 0) return { value };
  return { value, nextLink: `${url}${path}?${new URLSearchParams({ ...query, $skip: String(next) }).toString()}` };
}

/**
 * A page of records that are read one by one, so that it takes no more memory than a page, however many there are.
 * @param records those behind {@link positionOf} the query
 */
export function pageOfRecords<T>(
  records: Iterable<ResourceRecord>,
  listed: (record: ResourceRecord) => boolean,
  path: string,
  query: Query,
  url: string,
  view: (record: ResourceRecord) => T,
  largest = largestPage,
): { value: T[]; nextLink?: string } {
  let skip = wholeNumber(query, ["$skip"]) ?? 0;
  const size = Math.max(1, Math.min(largest, wholeNumber(query, ["$top", "count"]) ?? largest));
  const value: T[] = [];
  let last = "";
  for (const record of records) {
    if (!listed(record) || skip-- > 0) continue;
    if (value.length === size) {
      const rest = Object.entries(query).filter(([name]) => !/^\$skip(token)?$/i.test(name));
      const nextQuery = new URLSearchParams({
        ...Object.fromEntries(rest),
        $skipToken: Buffer.from(last).toString("base64url"),
      });
      return { value, nextLink: `${url}${path}?${nextQuery.toString()}` };
    }
    value.push(view(record));
    last = record.id.toLowerCase();
  }
  return { value };
}

/** The id behind which a page begins. */
export function positionOf(query: Query): string {
  const [, $skipToken = ""] = Object.entries(query).find(([name]) => name.toLowerCase() === "$skiptoken") ?? [];
  const after = Buffer.from($skipToken, "base64url").toString();
  if ($skipToken === "" || after.startsWith("/subscriptions/")) return after;
  throw new ArmError(
    400,
    "InvalidQueryParameterValue",
    `The $skipToken '${$skipToken}' is none of this cloud.`,
    "$skipToken",
  );
}

function wholeNumber(query: Record<string, string>, names: readonly string[]): number | undefined {
  const name = names.find((candidate) => query[candidate] !== undefined);
  if (name === undefined) return undefined;
  const value = Number(query[name]);
  if (Number.isInteger(value) && value >= 0) return value;
  throw new ArmError(
    400,
    "InvalidQueryParameterValue",
    `The query parameter '${name}' is '${query[name]}'; a whole number is wanted.`,
    name,
  );
}
