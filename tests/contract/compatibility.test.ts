import { compareSchemas, versionProblems } from "../../contract/compatibility";
import { platformJsonSchema } from "../../contract/schema";

type Node = Record<string, unknown> & { properties?: Record<string, Node>; required?: string[]; anyOf?: Node[] };

const released = platformJsonSchema() as Node;
const cloned = () => JSON.parse(JSON.stringify(released)) as Node;

/** Every object of the schema, by its path; those of lists and of unions as well. */
function objectsOf(schema: Node, path: string[] = []): string[][] {
  const own = schema.properties ? [path] : [];
  const below = Object.entries(schema.properties ?? {}).flatMap(([name, field]) =>
    objectsOf(field, [...path, "properties", name]),
  );
  const branches = (schema.anyOf ?? []).flatMap((branch, index) => objectsOf(branch, [...path, "anyOf", `${index}`]));
  const items = schema.items ? objectsOf(schema.items as Node, [...path, "items"]) : [];
  return [...own, ...below, ...branches, ...items];
}

/** The schema with one object of it changed. */
function changed(path: readonly string[], change: (object: Required<Pick<Node, "properties" | "required">>) => void) {
  const copy = cloned();
  const object = path.reduce<Node>((node, key) => node[key] as Node, copy);
  change(object as Required<Pick<Node, "properties" | "required">>);
  return copy;
}

const fields = objectsOf(released).flatMap((path) => {
  const object = path.reduce<Node>((node, key) => node[key] as Node, released);
  return Object.keys(object.properties ?? {}).map((name) => ({ path, name }));
});
const withLimit = (schema: Node) => fields.filter(({ path, name }) => limitOf(at(schema, path, name)) !== undefined);
const at = (schema: Node, path: readonly string[], name: string) =>
  (path.reduce<Node>((node, key) => node[key] as Node, schema).properties ?? {})[name] ?? {};
const limitOf = (field: Node) => ["enum", "pattern", "minimum", "format"].find((keyword) => keyword in field);

const breaks = (after: Node) => compareSchemas(released, after).some(({ breaking }) => breaking);

describe("two versions of the contract", () => {
  test("are the same when only words for people differ", () => {
    expect(fields.length).toBeGreaterThan(60);
    const described = cloned();
    for (const { path, name } of fields) at(described, path, name).description = "other words";
    expect(compareSchemas(released, described)).toEqual([]);
  });

  test.each<[string, (name: string) => (object: { properties: Record<string, Node>; required: string[] }) => void]>([
    [
      "the removal of",
      (name) => (object) => {
        delete object.properties[name];
        object.required = object.required.filter((other) => other !== name);
      },
    ],
    [
      "the renaming of",
      (name) => (object) => {
        object.properties[`${name}New`] = object.properties[name] ?? {};
        delete object.properties[name];
        object.required = object.required.map((other) => (other === name ? `${name}New` : other));
      },
    ],
    [
      "another type of",
      (name) =>
        ({ properties }) =>
          (properties[name] = { type: "boolean", description: "x" }),
    ],
    [
      "null beside the type of",
      (name) =>
        ({ properties }) =>
          (properties[name] = { anyOf: [properties[name] ?? {}, { type: "null" }, { type: "array" }] }),
    ],
    ["a change to optional of", (name) => (o) => (o.required = o.required.filter((other) => other !== name))],
  ])("%s any field breaks", (_what, change) => {
    for (const { path, name } of fields) {
      const isBoolean = at(released, path, name).type === "boolean";
      const after = changed(path, change(name));
      expect({ path, name, breaks: breaks(after) }).toEqual({
        path,
        name,
        breaks: !(isBoolean && String(_what).startsWith("another type")),
      });
    }
  });

  test("a limit of values that is narrowed, widened or dropped breaks", () => {
    expect(withLimit(released).length).toBeGreaterThan(10);
    for (const { path, name } of withLimit(released)) {
      const dropped = cloned();
      const field = at(dropped, path, name);
      delete field[limitOf(field) ?? ""];
      expect(breaks(dropped)).toBe(true);
    }
    const narrowed = cloned();
    const outcome = at(narrowed, ["properties", "promotion"], "outcome");
    outcome.enum = (outcome.enum as string[]).slice(1);
    expect(breaks(narrowed)).toBe(true);
    expect(breaks(changed(["properties", "endpoint"], ({ properties }) => (properties.name.minLength = 3)))).toBe(true);
    const reordered = cloned();
    (at(reordered, ["properties", "promotion"], "outcome").enum as string[]).reverse();
    expect(compareSchemas(released, reordered)).toEqual([]);
  });

  test("a new field breaks when it is required, and else asks for another minor version", () => {
    const add = (required: boolean) => (object: { properties: Record<string, Node>; required: string[] }) => {
      object.properties.region = { type: "string" };
      if (required) object.required = [...object.required, "region"];
    };
    const optional = compareSchemas(released, changed(["properties", "endpoint"], add(false)));
    expect(optional).toEqual([{ path: "endpoint.region", what: "is new", breaking: false }]);
    expect(versionProblems("1.0", "1.0", optional)).toEqual(["endpoint.region: is new. Raise schemaVersion to 1.1"]);
    expect(versionProblems("1.0", "1.1", optional)).toEqual([]);
    const required = compareSchemas(released, changed(["properties", "endpoint"], add(true)));
    expect(versionProblems("1.0", "1.1", required)[0]).toMatch(/endpoint\.region: is new and required.*or raise.*2\.0/);
    // A field that was optional once must not become required.
    const before = changed(["properties", "endpoint"], add(false));
    expect(compareSchemas(before, changed(["properties", "endpoint"], add(true)))).toEqual([
      { path: "endpoint.region", what: "was optional and is required now", breaking: true },
    ]);
  });

  test("another major version may break, and no version goes back", () => {
    const gone = compareSchemas(
      released,
      changed([], ({ properties }) => delete properties.champion),
    );
    expect(versionProblems("1.4", "2.0", gone)).toEqual([]);
    expect(versionProblems("1.4", "1.5", gone)).toHaveLength(1);
    expect(versionProblems("1.4", "1.3", [])).toEqual([
      "schemaVersion is 1.3, and 1.4 is released; a version never goes back",
    ]);
  });
});
