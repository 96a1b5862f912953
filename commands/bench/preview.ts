import { mkdir, readFile, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { ensureEngine } from "../../local/engine";
import { withPolicies } from "../../local/policies";
import { ensureSample } from "../../local/sample";
import { LocalStack } from "../../local/stack";
import { defaultStack, writeStackConfig } from "../../local/stackChoice";
import { projectFolder, stateFolders, type StateFolders } from "../../local/state";
import { benchCloud } from "./interruption";
import type { Row } from "./rows";

const rounds = 5;
const exampleDocument = join(projectFolder, "contract", "example", "platform.json");
/** The largest of the environments, and the one of this machine. */
const environments = ["prod", defaultStack] as const;

/**
 * Times `pulumi preview` of one azure-native resource, and of this program in its environments, without and with the policy
 * pack, in turn; the medians.
 */
export async function previewRows(): Promise<Row[]> {
  const folders = stateFolders();
  const engine = await ensureEngine();
  const record = await benchCloud(folders.root);
  await ensureSample(folders.sample);
  const peer = { folder: join(folders.root, "peer"), name: "one-resource" };
  await writeProject(peer);
  const single = await LocalStack.open(engine, record, folders, { project: peer });
  await makeStaging(await LocalStack.open(engine, record, folders, { name: "staging" }), folders);
  const times = new Map<string, number[]>();
  const time = async (what: string, stack: LocalStack, args: readonly string[]) =>
    times.set(what, [...(times.get(what) ?? []), await timed(stack, args)]);
  for (let round = 0; round < rounds; round++) {
    await time("peer", single, ["preview"]);
    for (const name of environments) {
      const stack = await LocalStack.open(engine, record, folders, { name });
      const preview = ["preview", "--config-file", await writeStackConfig(name, folders)];
      await time(name, stack, preview);
      await time(`${name} checked`, stack, withPolicies(preview));
    }
  }
  const peerMs = median(times.get("peer") ?? []);
  const row = (what: string, ms: number, limit: string): Row => ({
    what,
    figure: `${(ms / 1000).toFixed(1)} s = ${(ms / peerMs).toFixed(2)} x the peer`,
    limit,
  });
  return [
    { what: "preview of one azure-native resource (peer)", figure: `${(peerMs / 1000).toFixed(1)} s`, limit: "" },
    ...environments.flatMap((name) => [
      row(`preview of the whole stack, with the configuration of ${name}`, median(times.get(name) ?? []), "2.5 x"),
      row("  the same under the policy pack", median(times.get(`${name} checked`) ?? []), "3.5 x"),
    ]),
  ];
}

/** A stack of which there is the output alone, which is what prod reads of it. */
async function makeStaging(stack: LocalStack, { root }: StateFolders): Promise<void> {
  const exported = JSON.parse(await stack.quietly(["stack", "export"])) as { deployment: object };
  const urn = "urn:pulumi:staging::azure-ml-object-detection::pulumi:pulumi:Stack::azure-ml-object-detection-staging";
  const outputs = { platform: JSON.parse(await readFile(exampleDocument, "utf8")) as unknown };
  const resources = [{ urn, custom: false, type: "pulumi:pulumi:Stack", outputs }];
  const file = join(root, "staging.json");
  await writeFile(file, JSON.stringify({ ...exported, deployment: { ...exported.deployment, resources } }));
  await stack.quietly(["stack", "import", "--file", file]);
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
