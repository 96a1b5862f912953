import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { Identity } from "../../local/emulator/identity";
import type { Outputs } from "../../providers/championModel/settle";
import { roles, versions, type ArmBody } from "../local/emulator/testCloud";
import { ChampionCloud, championInputs } from "./championCloud";
import { call, start } from "./driver";

const stack = "organization/azure-ml-object-detection/staging";
const tag = "champion_of.organization.azure-ml-object-detection.staging";

/** Tokens are good for an hour of it. */
const realClock = { now: Date.now, realTimeOf: (localMs: number) => localMs };

type Champion = Outputs & { __provider: string };
interface Shared {
  version: string;
  assetUri: string;
}

/** Two workspaces of one cloud that know nothing of each other, and a registry between them. */
describe("a champion that is shared through a registry", () => {
  let staging: ChampionCloud;
  let prod: string;
  let registryId: string;
  beforeAll(async () => {
    staging = await ChampionCloud.start();
    prod = await staging.cloud.workspace("mlwprod", await staging.cloud.group("rg-prod"));
    registryId = await staging.cloud.modelRegistry("models", await staging.cloud.group("rg-shared"));
  }, 60_000);
  afterAll(() => staging.remove());

  async function run<T>(folder: string, method: string, ...args: unknown[]): Promise<T> {
    const { answer, thrown } = await call<T>(staging.cloud.record, folder, method, ...args);
    if (!answer) throw new Error(thrown?.message);
    return answer.outs;
  }
  const jobOf = async (metric: number) => (await staging.job([{ metric, perLabel: { person: metric } }])).job;
  /** Staging's state after the gate has seen these jobs. */
  const stage = (modelName: string, jobs: string[], more: object = {}) =>
    run<Champion>("championModel", "create", championInputs(staging.workspaceId, modelName, { jobs, ...more }));
  const inputsOf = ({ champion }: Champion) => ({
    __provider: "stub",
    registryId,
    modelName: champion.model,
    stack,
    modelId: champion.id,
    promotedAt: champion.promotedAt,
  });
  const share = (there: Champion) => run<Shared>("sharedModel", "create", inputsOf(there));
  /** What prod's engine does: it checks the inputs, and then makes or changes the champion by them. */
  async function follow(modelName: string, more: object = {}, before?: Champion): Promise<Champion> {
    const source = { stack, registryId };
    const given = championInputs(prod, modelName, { minimumMetric: 0.1, source, ...more });
    const checked = await checkedInputs(given, before);
    return before ? run("championModel", "update", "id", before, checked) : run("championModel", "create", checked);
  }
  async function checkedInputs(given: object, before?: Champion): Promise<object> {
    const outcome = await call(staging.cloud.record, "championModel", "check", before ?? {}, given);
    return (outcome.answer as unknown as { inputs: object }).inputs;
  }
  const listed = async (model: string): Promise<ArmBody[]> =>
    (await staging.cloud.arm("GET", `${registryId}/models/${model}/versions`, versions.ml)).body.value ?? [];

  test("is there once however often it is shared, under a name that its content makes", async () => {
    const there = await stage("once", [await jobOf(0.6)]);
    const [first, again] = [await share(there), await share(there)];
    expect(first.version).toMatch(/^[0-9a-f]{16}$/);
    expect(again.version).toBe(first.version);
    expect(first.assetUri).toBe(`azureml://registries/models/models/once/versions/${first.version}`);
    const [version, ...others] = await listed("once");
    expect(others).toEqual([]);
    expect(version?.properties).toMatchObject({
      modelType: "custom_model",
      modelUri: expect.stringMatching(/^https:\/\/[^?]+\/outputs\/model\.pt$/) as string,
      tags: { [tag]: there.champion.promotedAt, source_stack: stack, metric_value: "0.6", job: there.champion.job },
    });
  }, 60_000);

  test("reaches prod byte by byte, with its lineage, and nothing of the other workspace is read", async () => {
    const there = await stage("taken", [await jobOf(0.6)]);
    const shared = await share(there);
    // Staging may be gone by the time that prod deploys.
    await staging.deleteVersion("1", "taken");
    const here = await follow("taken", { perClassMinimum: { person: 0.5 } });
    const { id: _, promotedAt: __, ...same } = there.champion;
    expect(here.champion).toMatchObject({ ...same, id: `${prod}/models/taken/versions/1` });
    expect(here.decision.reason).toBe(`champion of ${stack}: 0.6000 reaches the minimum of 0.1`);
    const { properties } = (await staging.cloud.arm("GET", here.champion.id, versions.ml)).body;
    expect(properties?.tags).toMatchObject({
      source_model: `${registryId}/models/taken/versions/${shared.version}`,
      source_stack: stack,
    });
    expect(await staging.modelOf(there.champion.bestChild, prod)).toBe(there.champion.bestChild);
  }, 60_000);

  test("is followed: the one that was promoted last counts, also one that served before", async () => {
    const [weak, strong] = [await jobOf(0.4), await jobOf(0.7)];
    const first = await stage("followed", [weak]);
    await share(first);
    const atFirst = await follow("followed");
    const better = await run<Champion>("championModel", "update", "id", first, { ...first, jobs: [weak, strong] });
    await share(better);
    const then = await follow("followed", {}, atFirst);
    const pinned = { ...better, rollbackTo: "1" };
    await share(await run<Champion>("championModel", "update", "id", better, pinned));
    const back = await follow("followed", {}, then);
    expect([atFirst, then, back].map(({ champion }) => champion.value)).toEqual([0.4, 0.7, 0.4]);
    expect(await listed("followed")).toHaveLength(2);
  }, 120_000);

  test("is said to be missing, archived, or other than what was shared", async () => {
    await expect(follow("missing")).rejects.toThrow(
      /registry .*\/registries\/models has no champion of organization\/.*staging; set model\.registry\.publish there/,
    );
    const there = await stage("other", [await jobOf(0.5)]);
    const { version } = await share(there);
    const id = `${registryId}/models/other/versions/${version}`;
    const { properties } = (await staging.cloud.arm("GET", id, versions.ml)).body;
    const archive = (isArchived: boolean) =>
      staging.cloud.put(id, versions.ml, { properties: { ...properties, isArchived } });
    await archive(true);
    await expect(follow("other")).rejects.toThrow(/has no champion of/);
    await archive(false);
    const forged = `${registryId}/models/other/versions/0123456789abcdef`;
    const modelUri = await staging.cloud.uploadToRegistry(forged, "outputs/model.pt", "x");
    const tags = { ...(properties?.tags as object), [tag]: "2999-01-01T00:00:00.000Z" };
    await staging.cloud.put(forged, versions.ml, { properties: { modelType: "custom_model", modelUri, tags } });
    await expect(follow("other")).rejects.toThrow(
      /version 0123456789abcdef, .* has other files than it was shared with/,
    );
  }, 90_000);

  test("is shared whole after a run that was killed on the way", async () => {
    const there = await stage("killed", [await jobOf(0.5)]);
    for (const afterMs of [300, 600, 900]) {
      const child = start(staging.cloud.record, "sharedModel", "create", [inputsOf(there)]);
      const timer = setTimeout(() => child.kill("SIGKILL"), afterMs);
      await new Promise((resolve) => child.once("close", resolve));
      clearTimeout(timer);
    }
    const { version } = await share(there);
    expect((await listed("killed")).map(({ name }) => name)).toEqual([version]);
    expect((await follow("killed")).champion.value).toBe(0.5);
  }, 90_000);

  test("takes the right to the registry, and the service's own checks", async () => {
    const { cloud } = staging;
    const upload = (version: string, body: object = {}) =>
      cloud.arm("POST", `${registryId}/models/strict/versions/${version}/startPendingUpload`, versions.ml, body);
    expect((await upload("1", { pendingUploadType: "Blob" })).body.error?.target).toBe("pendingUploadType");
    expect((await upload("1", { uploadType: "None" })).body.error?.message).toContain("'uploadType'");
    expect((await upload("a b")).status).toBe(400);
    const nothing = { properties: { modelType: "custom_model", modelUri: "https://localhost/model.pt" } };
    const refused = await cloud.arm("PUT", `${registryId}/models/strict/versions/1`, versions.ml, nothing);
    expect(refused.body.error?.message).toContain("nothing that was uploaded for this version");
    const reader = { objectId: randomUUID(), clientId: randomUUID(), name: "reader" };
    await cloud.grant(registryId, reader.objectId, roles.reader);
    const identity = await Identity.open(join(cloud.stateFolder, "cloud"), cloud.record.url, realClock);
    const asReader = identity.issue(`${cloud.record.url}/`, reader).token;
    const path = `${registryId}/models/strict/versions/1/startPendingUpload?api-version=${versions.ml}`;
    const denied = await cloud.request("POST", path, { body: {}, token: asReader });
    expect(denied.body.error?.message).toContain("Microsoft.MachineLearningServices/registries/assets/write");
  }, 60_000);
});
