import { randomUUID } from "node:crypto";
import type { ResourceRecord, ResourceStore, Store } from "./contracts";

/** Resources by their id, without case. Children of an id begin with it, so that a subtree is a range of keys. */
export function createResourceStore(store: Store): ResourceStore {
  const table = store.table<ResourceRecord>("resources");
  const keyOf = (id: string) => id.toLowerCase();
  const sameType = (record: ResourceRecord, type: string) => record.type.toLowerCase() === type.toLowerCase();

  function* children(parentId: string, type: string, after = ""): Generator<ResourceRecord> {
    for (const prefix of childPrefixes(parentId, type)) {
      let from: string | undefined = prefix;
      let behind = false;
      if (keyOf(after) > prefix) [from, behind] = [keyOf(after), true];
      while (from !== undefined) {
        const entries: Iterable<{ key: string; value: ResourceRecord }> = table.from(from, behind);
        from = undefined;
        for (const { key, value } of entries) {
          if (!key.startsWith(prefix)) break;
          const end = key.indexOf("/", prefix.length);
          if (end >= 0) {
            // What lies below a child is passed over: "0" is the character behind "/".
            [from, behind] = [`${key.slice(0, end)}0`, false];
            break;
          }
          if (sameType(value, type)) yield value;
        }
      }
    }
  }

  return {
    get: (id) => table.get(keyOf(id)),

    list: (parentId, type) => [...children(parentId, type)],
    children,

    below: (id) => [...table.list(`${keyOf(id)}/`)].map(({ value }) => value),

    *belowFrom(id, after) {
      const prefix = `${keyOf(id)}/`;
      const behind = keyOf(after) > prefix;
      for (const { key, value } of table.from(behind ? keyOf(after) : prefix, behind)) {
        if (!key.startsWith(prefix)) return;
        yield value;
      }
    },

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

/** Where the children of a type lie: right below their parent, or with the namespace before when that is another one. */
function childPrefixes(parentId: string, type: string): string[] {
  const [namespace, ...types] = type.toLowerCase().split("/");
  const parent = parentId.toLowerCase();
  const own = `${parent}/${types.at(-1)}/`;
  return types.length === 1 ? [own, `${parent}/providers/${namespace}/${types[0]}/`] : [own];
}
