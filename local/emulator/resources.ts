import { randomUUID } from "node:crypto";
import type { ResourceRecord, ResourceStore, Store } from "./contracts";

/** Resources by their id, without case. Children of an id begin with it, so that a subtree is a range of keys. */
export function createResourceStore(store: Store): ResourceStore {
  const table = store.table<ResourceRecord>("resources");
  const keyOf = (id: string) => id.toLowerCase();
  const sameType = (record: ResourceRecord, type: string) => record.type.toLowerCase() === type.toLowerCase();

  return {
    get: (id) => table.get(keyOf(id)),

    list(parentId, type) {
      const prefix = parentId === "" ? "" : `${keyOf(parentId)}/`;
      const depth = type.split("/").length;
      return [...table.list(prefix)].flatMap(({ key, value }) =>
        sameType(value, type) && isDirectChild(key, prefix, depth) ? [value] : [],
      );
    },

    below: (id) => [...table.list(`${keyOf(id)}/`)].map(({ value }) => value),

    listAll: (type) => [...table.list()].flatMap(({ value }) => (sameType(value, type) ? [value] : [])),

    put: (record) => table.put(keyOf(record.id), { ...record, etag: `"${randomUUID()}"` }),

    async patchProperties(id, patch) {
      await store.transaction(() => {
        const record = table.get(keyOf(id));
        if (record)
          void table.put(keyOf(id), {
            ...record,
            etag: `"${randomUUID()}"`,
            properties: { ...record.properties, ...patch },
          });
      });
    },

    async remove(id, also) {
      await store.transaction(() => {
        also?.();
        const doomed = [keyOf(id), ...[...table.list(`${keyOf(id)}/`)].map(({ key }) => key)];
        for (const key of doomed) void table.remove(key);
      });
    },
  };
}

/** Below the parent there is one pair of type and name, or `providers/NAMESPACE` before it. */
function isDirectChild(key: string, prefix: string, typeDepth: number): boolean {
  const rest = key.slice(prefix.length).split("/");
  if (rest[0] === "providers") return rest.length === 2 + 2 * (typeDepth - 1);
  return rest.length === 2;
}
