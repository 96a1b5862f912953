import { mkdirSync, openSync, writeSync } from "node:fs";
import { join } from "node:path";
import { open } from "lmdb";
import { openStore } from "../../../../local/emulator/store";

/**
 * `writerMain.ts FOLDER WRITES [unsynced]`: writers at once, each of which says what was acknowledged to it. With the last
 * argument the database acknowledges before the disk has it.
 */
async function main([folder = "", writes = "0", unsynced]: string[]): Promise<void> {
  mkdirSync(folder, { recursive: true });
  const acknowledged = openSync(join(folder, "acknowledged"), "a");
  const store = unsynced ? undefined : openStore(folder);
  const lax = unsynced ? open<string, string>({ path: folder, noSync: true }) : undefined;
  const table = store?.table<string>("kept");
  const writer = async (number: number) => {
    for (let index = 0; index < Number(writes); index++) {
      const key = `w${number}-${index}`;
      // Some values take pages of their own, some replace what others have.
      const value = `${key} `.repeat(1 + ((index * 37) % 900));
      await (table ? table.put(key, value) : lax?.put(key, value));
      if (index % 3 === 0 && table) await table.put(`shared-${index % 5}`, value);
      writeSync(acknowledged, `${key}\n`);
    }
  };
  await Promise.all(Array.from({ length: 6 }, (_, number) => writer(number)));
  process.exit();
}

void main(process.argv.slice(2));
