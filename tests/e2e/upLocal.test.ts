import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parse, stringify } from "yaml";
import { readPlatform, type Platform } from "../../contract/index";
import { commentOf } from "../../lib/preview/comment";
import { parseDigest } from "../../lib/preview/digest";
import { parsePolicies } from "../../lib/preview/policies";
import { PriceList } from "../../lib/prices/list";
import { commandLine, plain } from "../commands/command";
import { Consumer } from "./consumer";
import { finished, LocalProject } from "./local";

/** An MLTable folder of a few pictures that the stack has uploaded, with one box each. */
async function writeTable(folder: string, { workspace, data }: Platform): Promise<void> {
  const [, , subscription, , group, , , , name] = workspace.id.split("/");
  const images = `azureml://subscriptions/${subscription}/resourcegroups/${group}/workspaces/${name}/datastores/${data.images?.name}/paths/train2017`;
  const label = [{ label: "person", topX: 0.2, topY: 0.2, bottomX: 0.6, bottomY: 0.6, isCrowd: 0 }];
  const lines = Array.from({ length: 12 }, (_, index) =>
    JSON.stringify({ image_url: `${images}/${String(index + 1).padStart(12, "0")}.jpg`, label }),
  );
  await mkdir(folder);
  await writeFile(join(folder, "annotations.jsonl"), lines.join("\n"));
  await writeFile(join(folder, "MLTable"), "paths:\n  - file: ./annotations.jsonl\n");
}

/** The whole flow on the real engine, as a newcomer runs it. The tests build on one another, in order. */
describe("npm run up:local", () => {
  let project: LocalProject;
  let platform: Platform;

  beforeAll(async () => (project = await LocalProject.create()), 60_000);
  afterAll(() => project.remove(), 60_000);

  test("ends with an answering detector, a champion and a scored picture", async () => {
    const { status, output } = await project.run("up-all");
    expect(output).toMatch(/Endpoint +automl-image-test: Succeeded, traffic \{"d-[0-9a-f]{12}":100\}/);
    expect(status).toBe(0);
    const picture = /Picture +(\S+) \((\d+) boxes/.exec(output);
    expect(existsSync(picture?.[1] ?? "")).toBe(true);
    expect(Number(picture?.[2])).toBeGreaterThan(0);
    expect(output).toContain('compute.vmSize is "STANDARD_NC6s_V3", which Azure retired on 2025-09-30');
  }, 900_000);

  test("exports what other teams consume, without a secret", async () => {
    const { output } = await project.run("pulumi", "stack", "output", "platform", "--json");
    const document: unknown = JSON.parse(output.slice(output.indexOf("{")));
    platform = readPlatform(document);
    // Nothing but what the contract documents.
    expect(platform).toEqual(document);
    expect(platform).toMatchObject({
      schemaVersion: "1.0",
      compute: { name: "gpu-cluster", vmSize: "Standard_NC24ads_A100_v4", maxNodes: 4 },
      data: {
        images: { name: "cocotrain2017" },
        training: { name: "cocotrain2017-training" },
        validation: { name: "cocotrain2017-validation" },
      },
      labeling: { service: "azureml", progress: { total: 128, labeled: 0, skipped: 0, left: 128 } },
      champion: { model: "automl-image-detector", version: "1", metric: "mean_average_precision" },
      endpoint: { name: "automl-image-test", state: "Succeeded", authMode: "key" },
    });
    expect(platform.champion.value).toBeGreaterThan(0.5);
    expect(platform.champion.dataVersion).toBe(platform.data.validation?.version);
    expect(platform.champion.bestChild).toMatch(new RegExp(`^${platform.champion.job}_HD_\\d$`));
    expect(Object.values(platform.endpoint.traffic)).toEqual([100]);
  }, 120_000);

  test("gives another team's program what it stands on, by the stack's output", async () => {
    const consumer = await Consumer.open(project);
    const outputs = await consumer.up();
    expect(outputs).toMatchObject({
      scoringUri: platform.endpoint.scoringUri,
      keySecretId: platform.endpoint.keySecretId,
      modelVersion: "1",
    });
    const alert = await consumer.resource<{ properties: { scopes: string[]; enabled: boolean } }>(
      outputs.alertId ?? "",
      "2018-03-01",
    );
    expect(alert?.properties).toMatchObject({ enabled: true, scopes: [platform.endpoint.id] });
    const role = await consumer.resource<{ properties: { scope: string; roleDefinitionId: string } }>(
      outputs.roleAssignmentId ?? "",
      "2022-04-01",
    );
    expect(role?.properties.scope.toLowerCase()).toBe(platform.endpoint.keySecretId?.toLowerCase());
    await consumer.changesNothing();
    await consumer.destroy();
  }, 180_000);

  test("publishes the same document for consumers without access to the state", async () => {
    const text = await project.blob(platform.documentUri ?? "");
    expect(readPlatform(text)).toEqual(platform);
  }, 60_000);

  test("keeps the endpoint's key out of state, outputs and logs", async () => {
    const { output } = await project.run("env");
    const key = /SCORING_KEY='([^']+)'/.exec(output)?.[1] ?? "";
    expect(key.length).toBeGreaterThan(20);
    const entries = await readdir(join(project.folder), { recursive: true, withFileTypes: true });
    const texts = entries.filter((entry) => entry.isFile() && /\.(json|log|bak|attrs)$/.test(entry.name));
    expect(texts.length).toBeGreaterThan(3);
    for (const entry of texts) expect(await readFile(join(entry.parentPath, entry.name), "utf8")).not.toContain(key);
  }, 120_000);

  test("a second run changes nothing and says so", async () => {
    const { status, output } = await project.run("up-all");
    expect(output).toMatch(/Changes +none: all \d+ resources are as declared/);
    expect(output).toMatch(/Training +\S+: reused, since its inputs have not changed \(trained \d{4}-\d\d-\d\d\)/);
    expect(output).toContain("training: none");
    expect(status).toBe(0);
  }, 300_000);

  test("a plain up and a deploy tell at the end what became of it, once", async () => {
    const plainUp = await project.run("pulumi", "up", "--yes", "--skip-preview");
    const deploy = await finished(
      spawn(process.execPath, commandLine("deploy", ["--stack", "local"]), {
        env: { ...plain(process.env), LOCAL_STATE_DIR: project.folder },
      }),
    );
    for (const { status, output } of [plainUp, deploy]) {
      expect(output.match(/^ *Gate {9}/gm)).toHaveLength(1);
      expect(output).toMatch(/Endpoint +automl-image-test: Succeeded/);
      expect(output).toMatch(
        /standing: about 1019 USD a month for what always runs \(1 Standard_D4s_v5, 1 Standard_NC16as_T4_v3\)/,
      );
      expect(output).toContain("compare: ");
      expect(status).toBe(0);
    }
    expect(deploy.output).toMatch(/Changes +none: all \d+ resources are as declared/);
    expect(deploy.output).toContain("nothing here; on Azure it would be");
  }, 300_000);

  test("preview and refresh find nothing to change", async () => {
    expect((await project.run("pulumi", "refresh", "--yes", "--skip-preview")).status).toBe(0);
    const { status, output } = await project.run("pulumi", "preview", "--diff", "--expect-no-changes");
    expect(output).toContain("unchanged");
    expect(status).toBe(0);
  }, 300_000);

  test("the comment on a pull request says what a preview of the engine found", async () => {
    const settings = parse(await readFile("Pulumi.local.yaml", "utf8")) as { config: Record<string, unknown> };
    const configFile = join(project.folder, "Pulumi.change.yaml");
    const faster = join(project.folder, "sweep.yml");
    await writeFile(faster, (await readFile("jobs/sweep.yml", "utf8")).replace("max_value: 0.01", "max_value: 0.02"));
    const changes: Record<string, Record<string, unknown>> = {
      "no-op": {},
      "learning-rate": { training: { jobs: ["jobs/yolov5.yml", faster] } },
      "storage-replacement": { location: "westus2" },
    };
    for (const [name, change] of Object.entries(changes)) {
      const entries = Object.entries(change).map(
        ([key, value]) => [`azure-ml-object-detection:${key}`, value] as const,
      );
      const config = { ...settings.config, ...Object.fromEntries(entries) };
      await writeFile(configFile, stringify({ ...settings, config }));
      const events = join(project.folder, "preview.events");
      const preview = ["preview", "--json", "--config-file", configFile, "--event-log", events];
      // One of them breaks rules of the policy pack, which is there whenever a preview is made.
      const refused = name === "storage-replacement";
      if (refused) preview.push("--policy-pack-config", "tests/lib/preview/golden/policies.json");
      const { status, output } = await project.run("pulumi", ...preview);
      expect(status === 0).toBe(!refused);
      const prices = new PriceList({ region: "eastus2", url: null });
      const policies = parsePolicies(await readFile(events, "utf8"));
      await rm(events);
      const digest = parseDigest(output);
      const text = await commentOf(digest, { stack: "local", prices, contract: [], policies, environment: {} });
      // Its figures and the port of its address are those of this run.
      const decision =
        /#### Last decision of the gate\n\n- promoted: first champion: .+; \[comparison of its models\]\(https:.+\/promotion\/report\.html\), .+\n\n?/;
      expect(text).toMatch(decision);
      expect(text.replace(decision, "").trimEnd()).toBe(
        (await readFile(`tests/lib/preview/golden/${name}.md`, "utf8")).trimEnd(),
      );
    }
  }, 300_000);

  test("takes up what an engine made that was killed before it noted it", async () => {
    // Only the engine's own file holds what it was about to do; an import of the stack would drop that.
    const stacks = join(project.folder, "pulumi", "backend", ".pulumi", "stacks", "azure-ml-object-detection");
    const file = join(stacks, "local.json");
    interface Noted {
      urn: string;
      type: string;
      id?: string;
      outputs?: unknown;
    }
    const state = JSON.parse(await readFile(file, "utf8")) as {
      checkpoint: { latest: { resources: Noted[]; pending_operations?: unknown[] } };
    };
    const { latest } = state.checkpoint;
    // What others depend on was noted before they were made.
    const isLast = ({ urn }: Noted) =>
      latest.resources.every((other) => other.urn === urn || !JSON.stringify(other).includes(urn));
    const made = latest.resources.find((resource) => resource.type.startsWith("azure-native:") && isLast(resource));
    expect(made).toBeDefined();
    const { id: _, outputs: __, ...noted } = made ?? {};
    latest.resources = latest.resources.filter((resource) => resource !== made);
    latest.pending_operations = [{ resource: noted, type: "creating" }];
    await writeFile(file, JSON.stringify(state));

    const again = await project.run("up-all");
    expect(again.output).toContain("taking up a resource that an interrupted run has made");
    // It is written once more: nobody saw the end of its creation.
    expect(again.output).toMatch(/Changes +1 updated, \d+ unchanged/);
    expect(again.status).toBe(0);
    expect((await project.run("up-all")).output).toMatch(/Changes +none: all \d+ resources are as declared/);
  }, 300_000);

  test("a job may name a local MLTable folder, and data of the workspace as the latest", async () => {
    const table = join(project.folder, "few");
    await writeTable(table, platform);
    await writeFile(
      join(project.folder, "few.yml"),
      stringify({
        ...(parse(await readFile("jobs/yolov5.yml", "utf8")) as object),
        display_name: "few",
        training_data: { path: "./few", type: "mltable" },
        validation_data: { path: "azureml:cocotrain2017-validation@latest", type: "mltable" },
        training_parameters: { number_of_epochs: 1 },
      }),
    );
    const settings = parse(await readFile("Pulumi.local.yaml", "utf8")) as { config: Record<string, unknown> };
    const jobs = ["jobs/yolov5.yml", "jobs/sweep.yml", join(project.folder, "few.yml")];
    settings.config["azure-ml-object-detection:training"] = { jobs };
    const configFile = join(project.folder, "Pulumi.few.yaml");
    await writeFile(configFile, stringify(settings));

    const up = ["pulumi", "up", "--yes", "--skip-preview", "--config-file", configFile];
    const { status, output } = await project.run(...up);
    expect(output).toMatch(/Job few-[0-9a-f]{10}: Completed, 1\/1 trials done/);
    expect(status).toBe(0);
    const again = await project.run(...up);
    expect(again.output).toMatch(/Job few-[0-9a-f]{10}: no retraining: inputs unchanged/);
    expect(again.output).toMatch(/Resources:\s+\d+ unchanged/);
  }, 300_000);

  test("destroy leaves no resource", async () => {
    const { status } = await project.run("pulumi", "destroy", "--yes", "--skip-preview");
    expect(status).toBe(0);
    const { output } = await project.run("env");
    expect(output).not.toContain("AZURE_ML_WORKSPACE");
    const stack = await project.run("pulumi", "stack", "export");
    const { deployment } = JSON.parse(stack.output.slice(stack.output.indexOf("{"))) as {
      deployment: { resources?: unknown[] };
    };
    expect(deployment.resources ?? []).toEqual([]);
  }, 300_000);

  test("what was destroyed can be made again, under the same names", async () => {
    const { status, output } = await project.run("up-all");
    expect(output).toMatch(/Endpoint +automl-image-test: Succeeded/);
    expect(status).toBe(0);
  }, 900_000);
});
