import type { Outputs } from "../../providers/championModel/settle";
import { versions } from "../local/emulator/testCloud";
import { ChampionCloud, championInputs } from "./championCloud";
import { call } from "./driver";

const stack = "organization/azure-ml-object-detection/staging";

type State = Outputs & { __provider: string };

/** Two workspaces of one cloud: staging trains, and prod takes what serves there. */
describe("the champion of another stack", () => {
  let staging: ChampionCloud;
  let prod: string;
  beforeAll(async () => {
    staging = await ChampionCloud.start();
    prod = await staging.cloud.workspace("mlwprod", await staging.cloud.group("rg-prod"));
  }, 60_000);
  afterAll(() => staging.remove());

  const inputsOf = (workspaceId: string, modelName: string, more: object) =>
    championInputs(workspaceId, modelName, { minimumMetric: 0.1, ...more });
  async function run(method: "create" | "update", ...args: unknown[]): Promise<State> {
    const { answer, thrown } = await call<State>(staging.cloud.record, "championModel", method, ...args);
    if (!answer) throw new Error(thrown?.message);
    return answer.outs;
  }
  /** Staging's state after the gate has seen these jobs. */
  const stage = (model: string, jobs: string[], more: object = {}, before?: State) => {
    const inputs = inputsOf(staging.workspaceId, model, { jobs, ...more });
    return before ? run("update", "id", before, inputs) : run("create", inputs);
  };
  const follow = (model: string, { champion }: State, more: object = {}, before?: State) => {
    const inputs = inputsOf(prod, model, { source: { stack, modelId: champion.id }, ...more });
    return before ? run("update", "id", before, inputs) : run("create", inputs);
  };
  const jobOf = async (metric: number, perLabel: Record<string, number> = {}) =>
    (await staging.job([{ metric, perLabel }])).job;
  const versionOf = async (id: string) => (await staging.cloud.arm("GET", id, versions.ml)).body.properties;

  test("is copied with its files and lineage, and refers to no place of the other workspace", async () => {
    const there = await stage("copied", [await jobOf(0.6)]);
    const here = await follow("copied", there);
    const { id: _, promotedAt: __, ...same } = there.champion;
    expect(here.champion).toMatchObject({ ...same, id: `${prod}/models/copied/versions/1` });
    expect(here.decision.reason).toBe(`champion of ${stack}: 0.6000 reaches the minimum of 0.1`);
    expect(here.report).toBeNull();
    const { modelUri, tags, jobName } = (await versionOf(here.champion.id)) as Record<string, unknown>;
    expect(modelUri).toContain(
      `/workspaces/mlwprod/datastores/workspaceartifactstore/paths/ExperimentRun/dcid.${there.champion.bestChild}/outputs/model.pt`,
    );
    expect(jobName).toBeUndefined();
    expect(tags).toMatchObject({ source_model: there.champion.id, source_stack: stack, champion: "true" });
    expect(await staging.modelOf(there.champion.bestChild, prod)).toBe(there.champion.bestChild);
  }, 60_000);

  test("takes the other's place here when it does there, forwards and back", async () => {
    const [weak, strong] = [await jobOf(0.4), await jobOf(0.7)];
    const first = await stage("followed", [weak]);
    const second = await stage("followed", [weak, strong], {}, first);
    const atFirst = await follow("followed", first);
    const then = await follow("followed", second, {}, atFirst);
    expect([atFirst, then].map(({ champion }) => [champion.version, champion.value])).toEqual([
      ["1", 0.4],
      ["2", 0.7],
    ]);
    const back = await stage("followed", [weak, strong], { rollbackTo: "1" }, second);
    const last = await follow("followed", back, { minimumDelta: 0.2 }, then);
    expect(last.champion).toMatchObject({ version: "1", value: 0.4 });
    expect(last.history.map(({ version }) => version)).toEqual(["2"]);
  }, 90_000);

  test("meets the rules of this stack that need no comparison, and waits for an approval where one is asked for", async () => {
    const good = await stage("gated", [await jobOf(0.5, { person: 0.6, food: 0.4 })]);
    await expect(follow("gated", good, { minimumMetric: 0.55 })).rejects.toThrow(
      /No model serves yet.*0\.5000 is below the minimum of 0\.5500\. Model source: organization\/.*Promote a better model in/,
    );
    await expect(follow("gated", good, { perClassMinimum: { food: 0.5 } })).rejects.toThrow(
      /food 0\.4000 is below 0\.5000/,
    );
    await expect(follow("gated", good, { approval: "required" })).rejects.toThrow(
      /pulumi config set --path model.approved 1/,
    );
    const approved = await follow("gated", good, { approval: "required", approved: "1" });
    expect(approved.champion).toMatchObject({ version: "1", value: 0.5 });
  }, 90_000);

  test("passes on figures of single labels to a third stack, in which its run is not known", async () => {
    const origin = await stage("chained", [await jobOf(0.5, { person: 0.6 })]);
    const middle = await follow("chained", origin);
    const third = await staging.cloud.workspace("mlwthird", await staging.cloud.group("rg-third"));
    const source = { stack, modelId: middle.champion.id };
    const last = await run("create", inputsOf(third, "chained", { source, perClassMinimum: { person: 0.5 } }));
    expect(last.champion).toMatchObject({ value: 0.5, bestChild: origin.champion.bestChild });
  }, 60_000);

  test("is said to be missing where it was archived or deleted since", async () => {
    const gone = await stage("gone", [await jobOf(0.5)]);
    await staging.edit("1", { archived: true }, "gone");
    await expect(follow("gone", gone)).rejects.toThrow(
      /version 1, the champion of .*staging, is archived; run "pulumi up" there/,
    );
    await staging.deleteVersion("1", "gone");
    await expect(follow("gone", gone)).rejects.toThrow(/is not there; run "pulumi up" there/);
  }, 60_000);
});
