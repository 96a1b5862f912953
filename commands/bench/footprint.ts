import { readdir, readFile, stat } from "node:fs/promises";
import { basename, join } from "node:path";
import { runningCloud } from "../../local/emulator/control";

/** Memory of a process in bytes, shared pages counted in proportion (PSS of Linux). */
async function memoryOf(pid: number): Promise<number> {
  const text = await readFile(`/proc/${pid}/smaps_rollup`, "utf8").catch(() => "");
  return Number(/^Pss:\s+(\d+)/m.exec(text)?.[1] ?? 0) * 1024;
}

/** The processes of the local cloud: itself, the blob service, trials and deployments. */
export async function processMemory(stateFolder: string): Promise<{ name: string; bytes: number }[]> {
  const record = await runningCloud(stateFolder);
  if (!record) return [];
  const children = (await readFile(`/proc/${record.pid}/task/${record.pid}/children`, "utf8").catch(() => "")).trim();
  const pids = [record.pid, ...(children ? children.split(" ").map(Number) : [])];
  return Promise.all(
    pids.map(async (pid) => {
      const command = (await readFile(`/proc/${pid}/cmdline`, "utf8")).split("\0");
      return { name: basename(command.find((part) => part.endsWith(".ts")) ?? "process"), bytes: await memoryOf(pid) };
    }),
  );
}

/** Bytes that the state database takes. */
export async function databaseBytes(stateFolder: string): Promise<number> {
  const folder = join(stateFolder, "cloud", "db");
  const sizes = await Promise.all((await readdir(folder)).map(async (name) => (await stat(join(folder, name))).size));
  return sizes.reduce((sum, size) => sum + size, 0);
}
