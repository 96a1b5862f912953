import { mkdir, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { startCloud } from "../../local/emulator/control";
import { ensureEngine } from "../../local/engine";
import { LocalStack } from "../../local/stack";
import { projectFolder, stateFolders } from "../../local/state";

const rounds = 3;

/** Times `pulumi preview` of this program and of one with a single azure-native resource, in turn; the medians, in ms. */
export async function comparePreviews(): Promise<{ whole: number; single: number }> {
  const folders = stateFolders();
  const engine = await ensureEngine();
  const record = await startCloud(folders.root);
  const whole = await LocalStack.open(engine, record, folders);
  const peer = { folder: join(folders.root, "peer"), name: "one-resource" };
  await writeProject(peer);
  const single = await LocalStack.open(engine, record, folders, { project: peer });
  const times: Record<"whole" | "single", number[]> = { whole: [], single: [] };
  for (let round = 0; round < rounds; round++) {
    times.single.push(await timed(single));
    times.whole.push(await timed(whole));
  }
  return { whole: median(times.whole), single: median(times.single) };
}

async function timed(stack: LocalStack): Promise<number> {
  const started = performance.now();
  await stack.quietly(["preview"]);
  return performance.now() - started;
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

async function writeProject({ folder, name }: { folder: string; name: string }): Promise<void> {
  await mkdir(folder, { recursive: true });
  await symlink(join(projectFolder, "node_modules"), join(folder, "node_modules"));
  await writeFile(join(folder, "Pulumi.yaml"), `name: ${name}\nruntime: nodejs\n`);
  await writeFile(join(folder, "package.json"), JSON.stringify({ name, main: "index.ts" }));
  await writeFile(
    join(folder, "index.ts"),
    `import * as resources from "@pulumi/azure-native/resources";
new resources.ResourceGroup("group", { location: "eastus2" });
`,
  );
}
