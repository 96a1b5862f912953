import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { deterministicGuid } from "../../lib/naming";
import { deployer } from "../../local/emulator/constants";
import { ensureSample } from "../../local/sample";
import { composePicture } from "../../local/sample/picture";
import { seededRandom } from "../../local/sample/random";
import { stateFolders } from "../../local/state";
import { killTree } from "./processes";
import { rolloutSteps, ServingStack } from "./servingStack";
import { ConstantLoad, ServingWatch } from "./servingWatch";

interface Resource {
  name: string;
  id: string;
  type: string;
  properties: Record<string, unknown>;
}

const versions = {
  resources: "2021-04-01",
  groups: "2024-03-01",
  clusters: "2025-09-01",
  extensions: "2023-05-01",
  roles: "2022-04-01",
  ml: "2025-12-01",
};
const clusterAdmin = "b1ff04bb-8a4e-4dc4-8eb5-8693973ce19b";
const managedClusterType = "azure-native:containerservice:ManagedCluster";
const clusterIdOf = (subscription: string) =>
  `/subscriptions/${subscription}/resourceGroups/theirs/providers/Microsoft.ContainerService/managedClusters/shared`;

/**
 * Rollouts of the real program on the real engine, under a load that never ends and looked at all the time. The tests build
 * on one another, in order, on one stack.
 */
describe("serving", () => {
  let stack: ServingStack;
  let watch: ServingWatch;
  let load: ConstantLoad;
  let workspaceId: string;

  beforeAll(async () => {
    process.env.LOCAL_ADMIN = "1";
    stack = await ServingStack.create();
    await ensureSample(stateFolders().sample, () => {});
    await stack.writeJob("poor", 1);
    await stack.writeJob("good", 12);
  }, 120_000);
  afterAll(async () => {
    delete process.env.LOCAL_ADMIN;
    await load?.end();
    await watch?.end();
    await stack.project.remove();
  }, 60_000);

  const both = ["poor", "good"];
  async function up(): Promise<string> {
    const { status, output } = await stack.run("up");
    expect([status, status === 0 ? "" : output]).toEqual([0, ""]);
    return output;
  }
  /** All is as it must be: the traffic, no other deployment, and what was seen on the way. */
  async function expectServing(deployment: string, others: string[] = []): Promise<void> {
    expect(await watch.traffic()).toEqual({ [deployment]: 100 });
    expect((await watch.deployments()).map(({ name }) => name).sort()).toEqual([deployment, ...others].sort());
    expect([watch.wrong, load.failures]).toEqual([[], []]);
  }
  const arm = <T = Resource>(id: string, version: string) =>
    stack.withClient((client) => client.arm<T>("GET", id, version));
  const list = async (id: string, version: string) => (await arm<{ value: Resource[] }>(id, version))?.value ?? [];
  /** A cluster that another team has made, in which the deploying identity may apply objects. */
  async function theirCluster(): Promise<Resource> {
    const { subscriptionId } = await stack.record();
    const id = clusterIdOf(subscriptionId);
    await stack.withClient(async (client) => {
      const put = (path: string, version: string, body: object) => client.arm("PUT", path, version, body);
      await put(`/subscriptions/${subscriptionId}/resourceGroups/theirs`, versions.groups, { location: "eastus2" });
      await put(id, versions.clusters, {
        location: "eastus2",
        identity: { type: "SystemAssigned" },
        properties: {
          dnsPrefix: "shared",
          aadProfile: { managed: true, enableAzureRBAC: true },
          agentPoolProfiles: [{ name: "system", mode: "System", vmSize: "Standard_D4s_v5", count: 1 }],
        },
      });
      const role = `${id}/providers/Microsoft.Authorization/roleAssignments/${deterministicGuid(id, "admin")}`;
      const roleDefinitionId = `/subscriptions/${subscriptionId}/providers/Microsoft.Authorization/roleDefinitions/${clusterAdmin}`;
      await put(role, versions.roles, { properties: { principalId: deployer.objectId, roleDefinitionId } });
    });
    const state = async () => (await arm(id, versions.clusters))?.properties.provisioningState;
    await watch.until(async () => (await state()) === "Succeeded");
    return (await arm(id, versions.clusters)) as Resource;
  }
  let first: string;
  let second: string;

  test("begins with a first deployment that has all traffic, on a cluster as it is configured", async () => {
    await stack.configure(["poor"]);
    const output = await up();
    expect(output).toMatch(/Endpoint automl-image-test: Succeeded, traffic \{"d-[0-9a-f]{12}":100\}/);
    expect(output).toContain("recordclass 0.15.1 cannot be installed any more, recordclass=0.21.1 is used");
    const { workspace, endpoint, batch } = await stack.platform();
    first = endpoint.deployment;
    workspaceId = workspace.id;
    expect(endpoint).toMatchObject({ state: "Succeeded", traffic: { [first]: 100 }, authMode: "key" });
    expect(batch).toMatchObject({ name: "automl-image-batch", state: "Succeeded", modelVersion: "1" });
    const environments = await list(`${workspaceId}/environments/automl-image-test-scoring/versions`, versions.ml);
    expect(environments.map(({ properties }) => String(properties.condaFile))).toEqual([
      expect.stringContaining("recordclass=0.21.1"),
    ]);
    const group = workspaceId.split("/").slice(0, 5).join("/");
    const cluster = await arm(
      `${group}/providers/Microsoft.ContainerService/managedClusters/cluster-aks-gpu`,
      versions.clusters,
    );
    expect(cluster?.properties).toMatchObject({
      disableLocalAccounts: true,
      apiServerAccessProfile: { enablePrivateCluster: true },
      autoUpgradeProfile: { upgradeChannel: "patch" },
      addonProfiles: {
        omsagent: { enabled: true, config: { logAnalyticsWorkspaceResourceID: workspace.logAnalyticsId } },
      },
    });
    const record = await stack.record();
    watch = await ServingWatch.begin(record, `${workspaceId}/onlineEndpoints/automl-image-test`);
    const { SCORING_KEY: key = "" } = await stack.environment();
    const { jpeg } = await composePicture(seededRandom(7));
    load = await ConstantLoad.begin(record, endpoint.scoringUri, key, jpeg);
  }, 400_000);

  test("moves to a better model step by step, killed in the middle of each step, without a failed answer", async () => {
    await stack.configure(both, { rollout: { bakeSeconds: 4 } });
    const reached = async () => {
      const deployments = await watch.deployments();
      second = deployments.find(({ name }) => name !== first)?.name ?? "";
      return {
        second,
        share: (await watch.traffic())[second] ?? 0,
        state: deployments.find(({ name }) => name === second)?.properties.provisioningState,
      };
    };
    const moments: [string, () => Promise<boolean>][] = [
      ["it is being made", async () => (await reached()).second !== ""],
      ["its smoke test", async () => (await reached()).state === "Succeeded"],
      ...rolloutSteps.map((step): [string, () => Promise<boolean>] => [
        `${step} %`,
        async () => (await reached()).share === step,
      ]),
    ];
    for (const [, isReached] of moments) {
      const running = stack.start("up");
      running.stdout?.resume();
      running.stderr?.resume();
      await watch.until(isReached, 200_000);
      await sleep(300);
      await killTree(running);
      const { share } = await reached();
      expect([0, ...rolloutSteps]).toContain(share);
      expect(await watch.traffic()).toEqual(
        Object.fromEntries(Object.entries({ [first]: 100 - share, [second]: share }).filter(([, each]) => each > 0)),
      );
    }
    await up();
    await expectServing(second);
    expect((await stack.platform()).champion.version).toBe("2");
  }, 900_000);

  test("moves the default deployment of the batch endpoint, which scores as the endpoint does", async () => {
    const { batch, data, endpoint } = await stack.platform();
    const id = `${workspaceId}/batchEndpoints/automl-image-batch`;
    expect(batch?.modelVersion).toBe("2");
    expect((await list(`${id}/deployments`, versions.ml)).map(({ name }) => name)).toEqual([batch?.deployment]);
    const rows = await stack.withClient(async (client) => {
      const InputData = { pictures: { JobInputType: "UriFolder", Uri: data.images.id } };
      const path = new URL(batch?.scoringUri ?? "").pathname;
      const { name = "" } = (await client.send<Resource>("POST", path, { properties: { InputData } })) ?? {};
      const job = () => client.arm<Resource>("GET", `${workspaceId}/jobs/${name}`, versions.ml);
      await watch.until(async () => /Completed|Failed/.test(String((await job())?.properties.status)));
      expect((await job())?.properties).toMatchObject({ status: "Completed", properties: { failedFiles: "0" } });
      const store = await client.arm<Resource>("GET", `${workspaceId}/datastores/workspaceblobstore`, versions.ml);
      const { accountName, containerName } = store?.properties as { accountName: string; containerName: string };
      const { blobUrl } = await stack.record();
      const text = await client.blob(
        `${blobUrl}/${accountName}/${containerName}/azureml/${name}/score/predictions.jsonl`,
      );
      return text
        .trimEnd()
        .split("\n")
        .map((line) => JSON.parse(line) as { filename: string; boxes: object[] });
    });
    const images = await readdir(join(stateFolders().sample, "images"));
    expect(rows.map(({ filename }) => filename).sort()).toEqual(images.sort());
    const [row] = rows.filter(({ boxes }) => boxes.length > 0);
    const scored = await stack.score(
      join(stateFolders().sample, "images", row?.filename ?? ""),
      "--endpoint",
      endpoint.id,
    );
    const { boxes } = JSON.parse(scored.output) as { boxes: Record<string, unknown>[] };
    expect(row?.boxes).toEqual(boxes.map(({ label, score, ...box }) => ({ box, label, score })));
  }, 300_000);

  test("gives the traffic back by itself when a bad model does not pass, which serves at no time alone", async () => {
    const before = load.answered;
    await stack.configure(both, { model: { rollbackTo: "1" }, rollout: { minAgreement: 0.9, keepMinutes: 0 } });
    const { status, output } = await stack.run("up");
    expect(output).toMatch(/did not pass its probes at 0 %: .*agreement 0(\.\d+)?, at least 0\.9 \(minAgreement\)/);
    expect(status).toBe(1);
    await expectServing(second, [first]);
    expect(load.answered).toBeGreaterThan(before);
    await stack.configure(both);
    await up();
    await expectServing(second);
  }, 400_000);

  test("gives the traffic back after it has moved, when the new deployment becomes slow", async () => {
    const rollout = { bakeSeconds: 30, probeImages: 2, maxLatencyRatio: 8 };
    await stack.configure(both, { thresholds: { boxScore: 0.25 }, rollout });
    const running = stack.run("up");
    let slow = "";
    await watch.until(async () => {
      slow = Object.entries(await watch.traffic()).find(([name, share]) => name !== second && share === 10)?.[0] ?? "";
      return slow !== "";
    }, 200_000);
    await stack.withClient((client) =>
      client.send("POST", "/local/deployment", { endpoint: "automl-image-test", deployment: slow, slowMs: 15_000 }),
    );
    const { status, output } = await running;
    expect(output).toMatch(/did not pass its probes at (10|50) %: .*p95 \d+ ms against \d+ ms, .*\(maxLatencyRatio\)/);
    expect(status).toBe(1);
    await expectServing(second, [slow]);
  }, 400_000);

  test("shows traffic that was changed by hand, and the next up puts it back", async () => {
    await load.end();
    await watch.setTraffic({});
    const refreshed = await stack.run("refresh");
    expect(refreshed.output).toMatch(/EndpointTraffic[^\n]*updat/);
    await stack.configure(both);
    await up();
    await expectServing(second);
  }, 300_000);

  test("shows a deployment that was deleted by hand, and the next up makes it again", async () => {
    await watch.setTraffic({});
    await watch.removeDeployment(second);
    const refreshed = await stack.run("refresh");
    expect(refreshed.output).toMatch(/OnlineDeployment[^\n]*delet/);
    await up();
    await expectServing(second);
  }, 300_000);

  test("takes two ups at once: one does it, the other is told to wait", async () => {
    await stack.configure(both, { thresholds: { boxScore: 0.2 } });
    const ups = await Promise.all([stack.run("up"), stack.run("up")]);
    expect(ups.map(({ status }) => status).filter((status) => status === 0).length).toBeGreaterThanOrEqual(1);
    for (const { status, output } of ups) if (status !== 0) expect(output).toMatch(/lock|at work|another/i);
    await up();
    const { endpoint } = await stack.platform();
    expect(endpoint.deployment).not.toBe(second);
    await expectServing(endpoint.deployment);
  }, 400_000);

  test("adopts a cluster that is there as it is, and takes tokens in place of keys", async () => {
    const { looks, wrong } = watch;
    await watch.end();
    expect([looks > 20, wrong]).toEqual([true, []]);
    const before = await theirCluster();
    await stack.configure(both, {
      existingCluster: { id: before.id, nodeSelector: { pool: "t4" } },
      authMode: "amlToken",
      batch: undefined,
    });
    await up();
    const { endpoint, batch } = await stack.platform();
    expect(endpoint).toMatchObject({ state: "Succeeded", authMode: "amlToken", keySecretId: null });
    expect([batch, await stack.types()]).toEqual([null, expect.not.arrayContaining([managedClusterType])]);
    expect((await arm(before.id, versions.clusters))?.properties).toEqual(before.properties);
    const compute = await arm(`${workspaceId}/computes/cluster-aks-gpu`, versions.ml);
    expect(compute?.properties).toMatchObject({ computeType: "Kubernetes", resourceId: before.id });
    const [image = ""] = await readdir(join(stateFolders().sample, "images"));
    for (const args of [[], ["--endpoint", endpoint.id]]) {
      const scored = await stack.score(join(stateFolders().sample, "images", image), ...args);
      expect([scored.status, JSON.parse(scored.output)]).toEqual([
        0,
        expect.objectContaining({ deployment: endpoint.deployment, boxes: expect.any(Array) as unknown[] }),
      ]);
    }
  }, 400_000);

  test("leaves nothing when it is destroyed, in the state or in the cloud, but the cluster that it found", async () => {
    const { status, output } = await stack.run("destroy");
    expect([status, status === 0 ? "" : output]).toEqual([0, ""]);
    expect(await stack.types()).toEqual([]);
    const { subscriptionId } = await stack.record();
    const left = await list(`/subscriptions/${subscriptionId}/resources`, versions.resources);
    expect(left.map(({ id }) => id)).toEqual([clusterIdOf(subscriptionId)]);
    const groups = await list(`/subscriptions/${subscriptionId}/resourceGroups`, versions.groups);
    expect(groups.map(({ name }) => name)).toEqual(["theirs"]);
    const inCluster = [
      await list(`${clusterIdOf(subscriptionId)}/trustedAccessRoleBindings`, versions.clusters),
      await list(
        `${clusterIdOf(subscriptionId)}/providers/Microsoft.KubernetesConfiguration/extensions`,
        versions.extensions,
      ),
    ];
    expect(inCluster).toEqual([[], []]);
    expect(await readdir(join(stack.project.folder, "cloud", "runs")).catch(() => [])).toEqual([]);
  }, 300_000);
});
