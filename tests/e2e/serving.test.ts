import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parse, stringify } from "yaml";
import { runningCloud } from "../../local/emulator/control";
import { ensureSample } from "../../local/sample";
import { composePicture } from "../../local/sample/picture";
import { seededRandom } from "../../local/sample/random";
import { stateFolders } from "../../local/state";
import { finished, LocalProject } from "./local";
import { killTree } from "./processes";
import { ConstantLoad, ServingWatch } from "./servingWatch";

const steps = [10, 50, 100];

interface Platform {
  workspace: { id: string };
  champion: { version: string };
  endpoint: { scoringUri: string; deployment: string; traffic: Record<string, number>; state: string };
}

/**
 * Rollouts of the real program on the real engine, under a load that never ends and looked at all the time. The tests build
 * on one another, in order, on one stack.
 */
describe("serving", () => {
  let project: LocalProject;
  let watch: ServingWatch;
  let load: ConstantLoad;

  beforeAll(async () => {
    project = await LocalProject.create();
    await ensureSample(stateFolders().sample, () => {});
    await writeJob("poor", 1);
    await writeJob("good", 12);
  }, 120_000);
  afterAll(async () => {
    await load?.end();
    await watch?.end();
    await project.remove();
  }, 60_000);

  const file = (name: string) => join(project.folder, `${name}.yml`);
  async function writeJob(name: string, epochs: number): Promise<void> {
    const job = parse(await readFile("jobs/yolov5.yml", "utf8")) as object;
    const settings = { number_of_epochs: epochs, model_size: "small", early_stopping: false };
    await writeFile(file(name), stringify({ ...job, display_name: name, training_parameters: settings }));
  }

  /** The stack's configuration: the jobs that are trained, and what else is not as in Pulumi.local.yaml. */
  async function configure(jobs: string[], { rollout = {}, model = {}, ...serving }: Record<string, object> = {}) {
    const settings = parse(await readFile("Pulumi.local.yaml", "utf8")) as { config: Record<string, unknown> };
    const prefix = "azure-ml-object-detection";
    Object.assign(settings.config, {
      [`${prefix}:training`]: { jobs: jobs.map(file) },
      [`${prefix}:labeling`]: { service: "none" },
      [`${prefix}:model`]: { minimumMetric: 0, ...model },
      [`${prefix}:serving`]: {
        allowInsecureConnections: true,
        namespace: "detection",
        concurrency: 8,
        queueSeconds: 20,
        ...serving,
        // The machine that tests is shared, and latency is not what these are about.
        rollout: { steps, bakeSeconds: 1, probeImages: 4, maxLatencyRatio: 100, minAgreement: 0, ...rollout },
      },
    });
    await writeFile(file("config"), stringify(settings));
  }
  const pulumi = (command: string) => {
    const flags = command === "refresh" || command === "up" ? ["--yes", "--skip-preview"] : ["--yes"];
    return project.start(["pulumi", command, ...flags, "--config-file", file("config")]);
  };
  const up = () => finished(pulumi("up"));
  async function platform(): Promise<Platform> {
    const { output } = await project.run("pulumi", "stack", "output", "platform", "--json");
    return JSON.parse(output.slice(output.indexOf("{"))) as Platform;
  }
  /** All is as it must be: the traffic, no other deployment, and what was seen on the way. */
  async function expectServing(deployment: string, others: string[] = []): Promise<void> {
    expect(await watch.traffic()).toEqual({ [deployment]: 100 });
    expect((await watch.deployments()).map(({ name }) => name).sort()).toEqual([deployment, ...others].sort());
    expect([watch.wrong, load.failures]).toEqual([[], []]);
  }
  let first: string;
  let second: string;

  test("begins with a first deployment that has all traffic", async () => {
    await configure(["poor"]);
    const { status, output } = await up();
    expect([status, status === 0 ? "" : output]).toEqual([0, ""]);
    expect(output).toMatch(/Endpoint automl-image-test: Succeeded, traffic \{"d-[0-9a-f]{12}":100\}/);
    const { workspace, endpoint } = await platform();
    first = endpoint.deployment;
    expect(endpoint).toMatchObject({ state: "Succeeded", traffic: { [first]: 100 } });
    const record = await runningCloud(project.folder);
    if (!record) throw new Error("the local cloud does not run");
    watch = await ServingWatch.begin(record, `${workspace.id}/onlineEndpoints/automl-image-test`);
    const key = /SCORING_KEY='([^']+)'/.exec((await project.run("env")).output)?.[1] ?? "";
    const { jpeg } = await composePicture(seededRandom(7));
    load = await ConstantLoad.begin(record, endpoint.scoringUri, key, jpeg);
  }, 400_000);

  test("moves to a better model step by step, killed in the middle of each step, without a failed answer", async () => {
    await configure(["poor", "good"], { rollout: { bakeSeconds: 4 } });
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
      ...steps.map((step): [string, () => Promise<boolean>] => [
        `${step} %`,
        async () => (await reached()).share === step,
      ]),
    ];
    for (const [, isReached] of moments) {
      const running = pulumi("up");
      running.stdout?.resume();
      running.stderr?.resume();
      await watch.until(isReached, 200_000);
      await sleep(300);
      await killTree(running);
      const { share } = await reached();
      expect([0, ...steps]).toContain(share);
      expect(await watch.traffic()).toEqual(
        Object.fromEntries(Object.entries({ [first]: 100 - share, [second]: share }).filter(([, each]) => each > 0)),
      );
    }
    const { status, output } = await up();
    expect([status, status === 0 ? "" : output]).toEqual([0, ""]);
    await expectServing(second);
    expect((await platform()).champion.version).toBe("2");
  }, 900_000);

  test("gives the traffic back by itself when a bad model does not pass, which serves at no time alone", async () => {
    const before = load.answered;
    await configure(["poor", "good"], { model: { rollbackTo: "1" }, rollout: { minAgreement: 0.9, keepMinutes: 0 } });
    const { status, output } = await up();
    expect(output).toMatch(/did not pass its probes at 0 %: .*agreement 0(\.\d+)?, at least 0\.9 \(minAgreement\)/);
    expect(status).toBe(1);
    await expectServing(second, [first]);
    expect(load.answered).toBeGreaterThan(before);
    await configure(["poor", "good"]);
    expect((await up()).status).toBe(0);
    await expectServing(second);
  }, 400_000);

  test("shows traffic that was changed by hand, and the next up puts it back", async () => {
    await load.end();
    await watch.setTraffic({});
    const refreshed = await finished(pulumi("refresh"));
    expect(refreshed.output).toMatch(/EndpointTraffic[^\n]*updat/);
    expect((await up()).status).toBe(0);
    await expectServing(second);
  }, 300_000);

  test("shows a deployment that was deleted by hand, and the next up makes it again", async () => {
    await watch.setTraffic({});
    await watch.removeDeployment(second);
    const refreshed = await finished(pulumi("refresh"));
    expect(refreshed.output).toMatch(/OnlineDeployment[^\n]*delet/);
    expect((await up()).status).toBe(0);
    await expectServing(second);
  }, 300_000);

  test("takes two ups at once: one does it, the other is told to wait", async () => {
    await configure(["poor", "good"], { thresholds: { boxScore: 0.2 } });
    const both = await Promise.all([up(), up()]);
    expect(both.map(({ status }) => status).filter((status) => status === 0).length).toBeGreaterThanOrEqual(1);
    for (const { status, output } of both) if (status !== 0) expect(output).toMatch(/lock|at work|another/i);
    expect((await up()).status).toBe(0);
    const { endpoint } = await platform();
    expect(endpoint.deployment).not.toBe(second);
    await expectServing(endpoint.deployment);
  }, 400_000);

  test("leaves nothing when it is destroyed", async () => {
    const { looks } = watch;
    await watch.end();
    expect(looks).toBeGreaterThan(20);
    const { status, output } = await finished(pulumi("destroy"));
    expect([status, status === 0 ? "" : output]).toEqual([0, ""]);
    const exported = await project.run("pulumi", "stack", "export");
    const { deployment } = JSON.parse(exported.output.slice(exported.output.indexOf("{"))) as {
      deployment: { resources?: unknown[] };
    };
    expect(deployment.resources ?? []).toEqual([]);
  }, 300_000);
});
