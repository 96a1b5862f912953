import { mkdir, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { LocalClient } from "../../local/client";
import { runningCloud, startCloud } from "../../local/emulator/control";
import { ensureEngine } from "../../local/engine";
import { clearDeadLocks } from "../../local/engineLocks";
import { LocalStack } from "../../local/stack";
import { projectFolder, stateFolders, type StateFolders } from "../../local/state";
import { LocalProject } from "./local";
import { kill, ownProcesses } from "./processes";

/** Of clusters, as their making is a long-running operation. */
const program = (names: readonly string[]) => `
const { ResourceGroup } = require("@pulumi/azure-native/resources/resourceGroup");
const { ManagedCluster } = require("@pulumi/azure-native/containerservice/managedCluster");
const group = new ResourceGroup("group", { resourceGroupName: "rg", location: "eastus2" });
for (const resourceName of ${JSON.stringify(names)})
  new ManagedCluster(resourceName, {
    resourceGroupName: group.name,
    resourceName,
    dnsPrefix: resourceName,
    identity: { type: "SystemAssigned" },
    agentPoolProfiles: [{ name: "pool", mode: "System", count: 1, vmSize: "Standard_DS2_v2" }],
  });
`;
const apiVersion = "2025-09-01";

/** A kill -9 while one resource is being made: Azure has accepted it, and the engine waits for the end of its operation. */
describe("a kill -9 in the midst of a create", () => {
  let project: LocalProject;
  let folders: StateFolders;
  let folder: string;
  beforeAll(async () => {
    project = await LocalProject.create();
    folders = stateFolders({ LOCAL_STATE_DIR: project.folder });
    await project.run("start", "--admin");
    folder = join(project.folder, "program");
    await mkdir(folder);
    await symlink(join(projectFolder, "node_modules"), join(folder, "node_modules"));
    await writeFile(join(folder, "Pulumi.yaml"), "name: small\nruntime: nodejs\nmain: index.js\n");
  }, 60_000);
  afterAll(() => project.remove(), 60_000);

  const record = async () => {
    const found = await runningCloud(project.folder);
    if (!found) throw new Error("the local cloud does not run");
    return found;
  };
  /** As each local command opens it. */
  const open = async () => {
    await clearDeadLocks(folders);
    return LocalStack.open(await ensureEngine(), await record(), folders, { project: { folder, name: "small" } });
  };
  const up = (stack: LocalStack) =>
    stack.quietly(["up", "--yes", "--skip-preview"]).catch((error: Error) => error.message);
  const withClient = async <T>(action: (client: LocalClient) => Promise<T>): Promise<T> => {
    const client = await LocalClient.connect(await record());
    return action(client).finally(() => client.close());
  };
  const idOf = async (name: string) =>
    `/subscriptions/${(await record()).subscriptionId}/resourceGroups/rg/providers/Microsoft.ContainerService/managedClusters/${name}`;

  /** Kills with SIGKILL while the last of these is made, and answers what `up` has said. */
  async function killedWhileMaking(
    stack: LocalStack,
    names: readonly string[],
    kills: () => Promise<number[]> | number[],
  ) {
    await writeFile(join(folder, "index.js"), program(names));
    const held = { match: { path: "/operationsStatus/" }, fault: { slowMs: 10_000 } };
    await withClient((client) => client.send("POST", "/local/faults", held));
    const running = up(stack);
    const id = await idOf(names.at(-1) ?? "");
    await withClient(async (client) => {
      while (!(await client.arm("GET", id, apiVersion)));
    });
    (await kills()).forEach(kill);
    return running;
  }

  test("of the cloud: the resource is in the state as half made, and the next up ends it", async () => {
    const stack = await open();
    const output = await killedWhileMaking(stack, ["first"], async () => [(await record()).pid]);
    expect(output).toContain("first **creating failed**");
    await startCloud(project.folder);
    expect(await up(stack)).toMatch(/first updated[^]*~ 1 updated/);
  }, 90_000);

  test("of the engine: a bare up says what is pending and cannot make it, a local command takes it up and ends it", async () => {
    const stack = await open();
    await killedWhileMaking(stack, ["first", "second"], () => ownProcesses(/pulumi --non-interactive up/));
    await clearDeadLocks(folders);
    const output = await up(stack);
    expect(output).toMatch(/ManagedCluster::second, interrupted while creating/);
    expect(output).toContain(`cannot create already existing resource '${await idOf("second")}'`);
    expect(await up(await open())).toMatch(/second updated[^]*~ 1 updated/);
    await stack.quietly(["preview", "--expect-no-changes"]);
  }, 120_000);

  test("of the plugin: the state knows nothing of it, and up makes it once the half-made one is deleted", async () => {
    const stack = await open();
    const names = ["first", "second", "third"];
    const output = await killedWhileMaking(stack, names, () => ownProcesses(/azureNative\/bin\/\.\.\/main\.ts/));
    expect(output).toContain("exited prematurely");
    const id = await idOf("third");
    expect(await up(await open())).toContain(`cannot create already existing resource '${id}'`);
    await withClient(async (client) => {
      await client.arm("DELETE", id, apiVersion);
      while (await client.arm("GET", id, apiVersion));
    });
    expect(await up(stack)).toMatch(/third created[^]*\+ 1 created/);
  }, 120_000);
});
