import { mkdir, symlink, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { startCloud } from "../../local/emulator/control";
import { ensureEngine } from "../../local/engine";
import { withPolicies } from "../../local/policies";
import { ensureSample } from "../../local/sample";
import { LocalStack } from "../../local/stack";
import { projectFolder, stateFolders } from "../../local/state";
import type { Row } from "./rows";

const rounds = 3;

/** The settings of the program's stack, the largest that there are unless this names others; a path from the checkout. */
const settings = process.env.BENCH_SETTINGS || "Pulumi.local.yaml";

/**
 * Times `pulumi preview` of one azure-native resource, of this program, and of this program under the policy pack, in turn;
 * the medians.
 */
export async function previewRows(): Promise<Row[]> {
  const folders = stateFolders();
  const engine = await ensureEngine();
  const record = await startCloud(folders.root);
  await ensureSample(folders.sample);
  const peer = { folder: join(folders.root, "peer"), name: "one-resource" };
  await writeProject(peer);
  const single = await LocalStack.open(engine, record, folders, peer);
  const whole = await LocalStack.open(engine, record, folders);
  const preview = ["preview", "--config-file", resolve(projectFolder, settings)];
  const times: Record<"single" | "whole" | "checked", number[]> = { single: [], whole: [], checked: [] };
  for (let round = 0; round < rounds; round++) {
    times.single.push(await timed(single, ["preview"]));
    times.whole.push(await timed(whole, preview));
    times.checked.push(await timed(whole, withPolicies(preview)));
  }
  const peerMs = median(times.single);
  const row = (what: string, ms: number, limit: string): Row => ({
    what,
    figure: `${(ms / 1000).toFixed(1)} s = ${(ms / peerMs).toFixed(2)} x the peer`,
    limit,
  });
  return [
    { what: "preview of one azure-native resource (peer)", figure: `${(peerMs / 1000).toFixed(1)} s`, limit: "" },
    row(`preview of the whole stack (${settings})`, median(times.whole), "2.5 x"),
    row("  the same under the policy pack", median(times.checked), "3.5 x"),
  ];
}

async function timed(stack: LocalStack, args: readonly string[]): Promise<number> {
  const started = performance.now();
  await stack.quietly(args);
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
