import { open, type Database } from "lmdb";
import { ArmError, type Store, type Table } from "./contracts";

/**
 * A durable store in LMDB. A write resolves when it is on the disk, so what was answered survives a kill -9 at any time.
 * Writes reject with ArmError 507, and change nothing, while the disk is full.
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
  let inTransaction = false;
  const written = async (write: Promise<boolean>): Promise<void> => {
    if (inTransaction) {
      // The transaction as a whole tells of a failure.
      write.catch(() => {});
      return;
    }
    await write.catch(refuse);
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
        from: (key, behind) => values.getRange({ start: key, exclusiveStart: behind }),
        put: (key, value) => written(values.put(key, value)),
        remove: (key) => written(values.remove(key)),
      };
    },
    transaction: (action) =>
      root
        .transaction(() => {
          inTransaction = true;
          try {
            return action();
          } finally {
            inTransaction = false;
          }
        })
        .catch(refuse),
    close: () => root.close(),
  };
}

/**
 * No space left, file too large (the limit of a process), and input or output error: LMDB says that of a write which the disk
 * took a part of.
 */
const full: readonly unknown[] = [28, 27, 5, "ENOSPC", "EFBIG", "EIO"];

/** LMDB hides why a commit failed behind a promise of the error. */
async function refuse(error: Error & { commitError?: Promise<never> }): Promise<never> {
  const cause = await Promise.resolve(error.commitError).then(
    () => error,
    (reason: Error & { code?: number | string }) => reason,
  );
  const { code } = cause as { code?: number | string };
  if (
    full.includes(code) ||
    /No space left|File too large|Input\/output error|MDB_MAP_FULL|quota/i.test(cause.message)
  ) {
    throw new ArmError(
      507,
      "InsufficientStorage",
      "The disk of the local cloud is full; nothing was written. Free some space and try again.",
    );
  }
  throw cause;
}
