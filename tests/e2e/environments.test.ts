import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parse, stringify } from "yaml";
import { readPlatform, type Platform } from "../../contract/index";
import { writeStackConfig } from "../../local/stackChoice";
import { hosted } from "../lib/labeling/hosted";
import { FakeStudio } from "../lib/labeling/studio";
import { scheduleTag } from "../../lib/azure/jobs";
import { until } from "../local/emulator/testCloud";
import { LocalProject } from "./local";
import { clientSecretIn, standInStudio } from "./labelingService";

interface Resource {
  urn: string;
  id?: string;
  type: string;
  protect?: boolean;
  external?: boolean;
  inputs: Record<string, unknown>;
}

interface Job {
  name: string;
  properties: { status?: string; isEnabled?: boolean; tags?: Record<string, string> };
}

/**
 * The configurations of dev, staging and prod, each on the local cloud as it is in its file, with what Pulumi.local.yaml lays
 * over it. The tests build on one another, in order.
 */
describe("environments", () => {
  let project: LocalProject;
  /** A job that trains in seconds in place of those of the configuration. */
  let training: string[];
  let studio: FakeStudio;
  /** Through which staging shares its champion. */
  let registryId: string;

  beforeAll(async () => {
    project = await LocalProject.create();
    studio = await FakeStudio.start();
    await standInStudio(project.folder, studio);
    const file = join(project.folder, "small.yml");
    const job = parse(await readFile("jobs/yolov5.yml", "utf8")) as object;
    const training_parameters = { number_of_epochs: 6, model_size: "small", early_stopping: false };
    await writeFile(file, stringify({ ...job, display_name: "small", training_parameters }));
    training = settings({ "training.jobs[0]": file });
    // The clock of this cloud can be moved on.
    await project.run("start", "--admin");
    registryId = await project.withClient(async (client, { subscriptionId }) => {
      const group = `/subscriptions/${subscriptionId}/resourceGroups/rg-shared`;
      await client.arm("PUT", group, "2024-03-01", { location: "eastus2" });
      const id = `${group}/providers/Microsoft.MachineLearningServices/registries/models`;
      const properties = { regionDetails: [{ location: "eastus2" }] };
      await client.arm("PUT", id, "2025-12-01", { location: "eastus2", properties });
      return id;
    });
  }, 60_000);
  afterAll(async () => {
    await project.remove();
    studio.stop();
  }, 60_000);

  /** Arguments that set values of the configuration by their paths. */
  const settings = (values: Record<string, string>) => [
    "--config-path",
    ...Object.entries(values).flatMap(([path, value]) => ["--config", `azure-ml-object-detection:${path}=${value}`]),
  ];
  const flags = ["--yes", "--skip-preview"];
  async function succeeds(...args: string[]): Promise<string> {
    const { status, output } = await project.run("pulumi", ...args);
    expect([args, status, status === 0 ? "" : output]).toEqual([args, 0, ""]);
    return output;
  }
  const up = (stack: string, ...more: string[]) => succeeds("up", ...flags, "--stack", stack, ...more);
  const changesNothing = (stack: string, ...more: string[]) =>
    succeeds("preview", "--expect-no-changes", "--stack", stack, ...more);
  async function json<T>(...args: string[]): Promise<T> {
    const output = await succeeds(...args);
    return JSON.parse(output.slice(output.indexOf("{"))) as T;
  }
  const platform = async (stack: string): Promise<Platform> =>
    readPlatform(await json<unknown>("stack", "output", "platform", "--json", "--stack", stack));
  async function resources(stack: string): Promise<Resource[]> {
    const { deployment } = await json<{ deployment: { resources?: Resource[] } }>("stack", "export", "--stack", stack);
    // Without what is only looked at.
    return (deployment.resources ?? []).filter(({ external }) => !external);
  }
  /** What was generated for the stack is in clear in nothing that the engine shows or keeps. */
  async function keepsSecrets(stack: string): Promise<void> {
    const { deployment } = await json<{
      deployment: { resources: { type: string; outputs?: { value?: { plaintext?: string } } }[] };
    }>(...["stack", "export", "--show-secrets", "--stack", stack]);
    const generated = deployment.resources
      .filter(({ type }) => type.endsWith(":GeneratedSecret"))
      .map(({ outputs }) => JSON.parse(outputs?.value?.plaintext ?? "null") as string);
    expect(generated).toHaveLength(5);
    const shown =
      (await succeeds("stack", "export", "--stack", stack)) + (await succeeds("stack", "output", "--stack", stack));
    for (const secret of generated) expect(shown.includes(secret)).toBe(false);
  }
  const inputsOf = (all: Resource[], type: string) =>
    all.filter((one) => one.type.endsWith(type)).map((one) => one.inputs);

  const scheduled = () => [...training, ...settings({ "training.schedule.cron": "0 3 * * *" })];
  const sharing = () => settings({ "model.registry.id": registryId, "model.registry.publish": "true" });
  /** What the champion is a copy of. */
  const sourceOf = async ({ champion }: Platform) =>
    project.withClient(async (client) => {
      const version = await client.arm<{ properties: { tags: Record<string, string> } }>(
        "GET",
        champion.id,
        "2025-12-01",
      );
      return version?.properties.tags.source_model;
    });

  test("dev is small and public", async () => {
    // Of what is not there yet a part can be made first.
    await up("dev", "--target", "**::group", ...scheduled());
    await up("dev", ...scheduled());
    await changesNothing("dev", ...scheduled());
    const all = await resources("dev");
    expect(inputsOf(all, ":StorageAccount")).toMatchObject([{ publicNetworkAccess: "Enabled" }]);
    expect(all.filter(({ type }) => /:(PrivateEndpoint|Budget|MetricAlert|ManagementLockByScope)$/.test(type))).toEqual(
      [],
    );
  }, 400_000);

  test("dev is trained again when it is time, and the same gate decides about what came of it", async () => {
    const { workspace, champion } = await platform("dev");
    const jobs = await project.withClient(async (client) => {
      const found = await client.arm<{ value: Job[] }>("GET", `${workspace.id}/schedules`, "2025-12-01");
      expect(found?.value.map(({ properties }) => properties.isEnabled)).toEqual([true]);
      await client.send("PUT", "/local/clock", { advanceSeconds: 24 * 60 * 60 });
      const query = `2025-12-01&tag=${scheduleTag}`;
      let ended: Job[] = [];
      await until(async () => {
        const { value = [] } = (await client.arm<{ value: Job[] }>("GET", `${workspace.id}/jobs`, query)) ?? {};
        ended = value.filter(({ properties: { status } }) => status === "Completed");
        return ended.length > 0;
      }, 120_000);
      return ended;
    });
    const [{ name } = { name: "" }] = jobs;
    expect(name).toMatch(/^retraining-small-\d{12}$/);
    await up("dev", ...scheduled());
    const after = await platform("dev");
    expect(after.promotion.decisions.map(({ job, outcome }) => [job, outcome])).toContainEqual([name, "held"]);
    expect(after.champion.version).toBe(champion.version);
    expect(after.promotion.reason).toMatch(/^version 1 is this model already/);
    await changesNothing("dev", ...scheduled());
    await succeeds("destroy", ...flags, "--stack", "dev");
    expect(await resources("dev")).toEqual([]);
  }, 400_000);

  /** The configuration of an environment with a Label Studio of its own. */
  async function withLabelStudio(stack: string): Promise<string[]> {
    const own = await writeStackConfig(stack, { pulumi: join(project.folder, "pulumi") });
    const { config, ...settings } = parse(await readFile(own, "utf8")) as { config: Record<string, object> };
    const labeling = {
      ...{ service: "labelStudio", host: "azure", deleteAnnotations: true, mlAssist: { enabled: false } },
      azure: { ...hosted, entra: { ...hosted.entra, clientSecretId: await clientSecretIn(project) } },
    };
    const file = join(project.folder, `${stack}-labels.yaml`);
    config["azure-ml-object-detection:labeling"] = labeling;
    await writeFile(file, stringify({ ...settings, config }));
    return ["--config-file", file];
  }

  test("staging is reached over private endpoints alone, trains, and has a Label Studio of its own", async () => {
    const labels = await withLabelStudio("staging");
    await up("staging", ...training, ...sharing(), ...labels);
    await changesNothing("staging", ...training, ...sharing(), ...labels);
    const all = await resources("staging");
    expect(all.filter(({ type }) => type.endsWith(":PrivateEndpoint"))).toHaveLength(6);
    expect(all.filter(({ type }) => type.endsWith(":ContainerApp"))).toHaveLength(2);
    expect(inputsOf(all, ":ManagedEnvironment")).toMatchObject([{ vnetConfiguration: { internal: true } }]);
    expect(inputsOf(all, "dbforpostgresql:Server")).toMatchObject([{ network: { publicNetworkAccess: "Disabled" } }]);
    // The project is in the Label Studio that takes the record's place.
    expect([studio.projects.length, studio.tasks.length]).toEqual([1, 128]);
    expect((await platform("staging")).labeling).toMatchObject({
      url: `${studio.url}/projects/1`,
      service: "labelStudio",
    });
    await keepsSecrets("staging");
    for (const type of [":StorageAccount", "containerregistry:Registry", "machinelearningservices:Workspace"])
      expect(inputsOf(all, type)).toMatchObject([{ publicNetworkAccess: "Disabled" }]);
    for (const type of ["keyvault:Vault", ":OnlineEndpoint"])
      expect(inputsOf(all, type)).toMatchObject([{ properties: { publicNetworkAccess: "Disabled" } }]);
    expect(all.filter(({ type }) => type.endsWith(":TrainingJob"))).toHaveLength(1);
  }, 400_000);

  test("what is there already is adopted by its id, and neither made nor changed", async () => {
    const [, , subscription, , group] = (await platform("staging")).workspace.id.split("/");
    const all = await resources("staging");
    const idOf = (type: string) => all.find((one) => one.type.endsWith(type))?.id ?? "";
    const zone = (name: string) =>
      `/subscriptions/${subscription}/resourceGroups/${group}/providers/Microsoft.Network/privateDnsZones/privatelink.${name}`;
    const names = { blob: "blob.core.windows.net", file: "file.core.windows.net", vault: "vaultcore.azure.net" };
    const more = { workspace: "api.azureml.ms", notebooks: "notebooks.azure.net", registry: "azurecr.io" };
    const dnsZones = Object.fromEntries(Object.entries({ ...names, ...more }).map(([key, name]) => [key, zone(name)]));
    const prefix = "azure-ml-object-detection:";
    const file = join(project.folder, "pulumi", "environments", "Pulumi.staging.yaml");
    const { config, ...settings } = parse(await readFile(file, "utf8")) as { config: Record<string, object> };
    Object.assign(config, {
      [`${prefix}existing`]: {
        resourceGroupId: idOf(":ResourceGroup"),
        storageAccountId: idOf(":StorageAccount"),
        keyVaultId: idOf("keyvault:Vault"),
        containerRegistryId: idOf("containerregistry:Registry"),
        logAnalyticsId: idOf("operationalinsights:Workspace"),
      },
      [`${prefix}network`]: {
        ...config[`${prefix}network`],
        subnetId: `${idOf(":VirtualNetwork")}/subnets/endpoints`,
        dnsZones,
      },
      [`${prefix}protection`]: { ...config[`${prefix}protection`], protect: true },
      [`${prefix}encryption`]: { keyVaultId: idOf("keyvault:Vault"), keyId: "https://vault.example.com/keys/mine/1" },
    });
    const adopting = join(project.folder, "adopting.yaml");
    await writeFile(adopting, stringify({ ...settings, config }));
    const plan = await json<{ steps: { op: string; urn: string; newState: { type: string; inputs: object } }[] }>(
      ...["preview", "--json", "--stack", "prod", "--config-file", adopting],
    );
    const made = plan.steps.filter(({ op }) => op === "create").map(({ newState }) => newState);
    for (const type of ["ResourceGroup", "StorageAccount", "Vault", "Registry", "VirtualNetwork", "PrivateZone"])
      expect(made.filter(({ type: of }) => of.endsWith(`:${type}`))).toEqual([]);
    expect(plan.steps.filter(({ op }) => op === "read").map(({ newState }) => newState.type.split(":").at(-1))).toEqual(
      expect.arrayContaining(["ResourceGroup", "StorageAccount", "Vault", "Registry", "Workspace"]),
    );
    // Logs and metrics of the workspace alone: the rest has its own watch.
    expect(made.filter(({ type }) => type.endsWith(":DiagnosticSetting"))).toHaveLength(1);
    expect(made.find(({ type }) => type.endsWith("machinelearningservices:Workspace"))?.inputs).toMatchObject({
      identity: { type: "SystemAssigned,UserAssigned" },
      enableServiceSideCMKEncryption: true,
      encryption: { status: "Enabled", keyVaultProperties: { keyIdentifier: "https://vault.example.com/keys/mine/1" } },
    });
  }, 120_000);

  test("prod takes the champion of staging, and has nothing that trains", async () => {
    const plan = await succeeds("preview", "--stack", "prod");
    expect(plan).not.toContain("TrainingJob");
    // Through the registry, of which prod needs no more than that its owner lets it read there.
    const stack = "organization/azure-ml-object-detection/staging";
    const following = settings({
      "model.source": "registry",
      "model.registry.id": registryId,
      "model.registry.stack": stack,
    });
    await up("prod", ...following);
    await changesNothing("prod", ...following);
    const shared = await platform("prod");
    expect(shared.promotion).toMatchObject({ promoted: true });
    expect(await sourceOf(shared)).toMatch(
      /\/registries\/models\/models\/automl-image-detector\/versions\/[0-9a-f]{16}$/,
    );
    // By the outputs of staging it is the same model, so nothing is copied and nothing replaced.
    await up("prod");
    const [staging, prod] = [await platform("staging"), await platform("prod")];
    expect(prod.champion.version).toBe(shared.champion.version);
    const { version: _, id: __, promotedAt: ___, history, ...lineage } = staging.champion;
    expect(prod.champion).toMatchObject(lineage);
    expect(history).toEqual([]);
    expect(prod.champion.id).toContain("/workspaces/mlw-objdet-prod-");
    expect(prod.promotion.reason).toMatch(
      /champion of organization\/azure-ml-object-detection\/staging: 0\.\d{4} reaches/,
    );
    expect(Object.values(prod.endpoint.traffic)).toEqual([100]);
    expect((await resources("prod")).filter(({ type }) => type.endsWith(":TrainingJob"))).toEqual([]);
    await changesNothing("prod", "--refresh");
  }, 300_000);

  test("prod keeps its data when somebody destroys it, until it is unprotected", async () => {
    const refused = await project.run("pulumi", "destroy", ...flags, "--stack", "prod");
    expect(refused.output).toContain("because it is protected");
    expect(refused.status).not.toBe(0);
    const left = (await resources("prod")).map(({ type }) => type.split(":").at(-1));
    expect(left).toEqual(expect.arrayContaining(["StorageAccount", "Vault", "Workspace", "OnlineEndpoint"]));
    // What was deleted on the way comes back, locks and alerts among it.
    await up("prod");
    await succeeds("state", "unprotect", "--all", "--yes", "--stack", "prod");
    await succeeds("destroy", ...flags, "--stack", "prod");
    expect(await resources("prod")).toEqual([]);
    await succeeds("destroy", ...flags, "--stack", "staging");
    expect(await resources("staging")).toEqual([]);
  }, 300_000);
});
