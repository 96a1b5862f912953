import { open, type Database } from "lmdb";
import type { Store, Table } from "./contracts";

/**
 * A durable store in LMDB. A write resolves when it is on the disk, so what was answered survives a kill -9 at any time.
 * @param folder made when it is not there
 */
export function openStore(folder: string): Store {
  // Without overlapping, a commit has reached the disk when its promise resolves.
  const root = open({ path: folder, maxDbs: 32, overlappingSync: false, compression: false });
  const databases = new Map<string, Database<unknown, string>>();
  const database = (name: string): Database<unknown, string> => {
    let found = databases.get(name);
    if (!found) databases.set(name, (found = root.openDB<unknown, string>({ name, encoding: "json" })));
    return found;
  };
  return {
    table: <T>(name: string): Table<T> => {
      const values = database(name) as Database<T, string>;
      return {
        get: (key) => values.get(key),
        *list(prefix = "") {
          for (const { key, value } of values.getRange({ start: prefix, end: `${prefix}\u{10ffff}` }))
            yield { key, value };
        },
        put: async (key, value) => void (await values.put(key, value)),
        remove: async (key) => void (await values.remove(key)),
      };
    },
    transaction: (action) => root.transaction(action),
    close: () => root.close(),
  };
}
