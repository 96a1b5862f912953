import { championCalls } from "./championCalls";
import { ChampionCloud } from "./championCloud";

describe("the champion", () => {
  let champions: ChampionCloud;
  beforeAll(async () => (champions = await ChampionCloud.start()), 60_000);
  afterAll(() => champions.remove());
  const { inputsOf, run, create, update, refresh, changes, jobOf, tagged } = championCalls(() => champions);

  test("is the best trial of the first jobs, with its record as tags, outputs and on its run", async () => {
    const weak = await champions.job([{ metric: 0.3 }, { metric: 0.4 }]);
    const strong = await champions.job([{ metric: 0.2 }, { metric: 0.6 }, { metric: 0.6 }]);
    const state = await create(inputsOf("first", [weak.job, strong.job]));
    expect(state.champion).toMatchObject({
      model: "first",
      version: "1",
      value: 0.6,
      job: strong.job,
      bestChild: strong.trials[1],
      architecture: "yolov5",
      dataVersion: "d1",
      gitCommit: "c0ffee",
    });
    const reason = "first champion: 0.6000 reaches the minimum of 0.1";
    expect(state.decision).toEqual({ promoted: true, outcome: "promoted", reason, pendingVersion: null });
    expect(state.decisions.map(({ trial, outcome: what }) => [trial, what])).toEqual([
      [strong.trials[1], "promoted"],
      [weak.trials[1], "held"],
    ]);
    expect(state.history).toEqual([]);
    expect(state.report).toMatch(new RegExp(`/ExperimentRun/dcid\\.${strong.job}/promotion/report\\.html$`));
    const [version, ...others] = await champions.versions("first");
    expect(others).toEqual([]);
    expect(version?.tags).toMatchObject({
      champion: "true",
      job: strong.job,
      best_child: strong.trials[1],
      data_version: "d1",
      metric: "mean_average_precision",
      metric_value: "0.6",
      git_commit: "c0ffee",
      spec_hash: "unknown",
      decision: reason,
    });
    const told = JSON.parse((await champions.tagsOfRun(strong.trials[1] ?? ""))["promotion.first"] ?? "") as object;
    expect(told).toMatchObject({ outcome: "promoted", value: 0.6, champion: null, reason });
    expect(JSON.parse((await champions.tagsOfRun(weak.trials[1] ?? ""))["promotion.first"] ?? "")).toMatchObject({
      outcome: "held",
      reason: expect.stringMatching(/would pass, and \S+ goes before it: 0\.4000 against 0\.6000/) as string,
    });
    expect(await changes(state, inputsOf("first", [weak.job, strong.job], { gitCommit: "other" }))).toBe(false);
  }, 60_000);

  test("stays when the candidate is worse, gives way to a better one, and is told in the history", async () => {
    const first = await create(inputsOf("series", [await jobOf(0.5)]));
    const worse = await update(first, inputsOf("series", [await jobOf(0.4)]));
    expect(worse.champion).toEqual(first.champion);
    expect(worse.decision).toMatchObject({
      promoted: false,
      outcome: "held",
      reason: "not better by more than 0: 0.4000 against 0.5000 of version 1",
    });
    const better = await update(worse, inputsOf("series", [await jobOf(0.7)]));
    expect(better.champion).toMatchObject({ version: "2", value: 0.7 });
    expect(better.history).toMatchObject([
      { version: "1", value: 0.5, state: "available", demotedAt: better.champion.promotedAt },
    ]);
    expect(better.decisions.map(({ outcome: what, value }) => [what, value])).toEqual([
      ["promoted", 0.7],
      ["held", 0.4],
      ["promoted", 0.5],
    ]);
    expect(await tagged("series")).toEqual(["2"]);
    expect(await champions.versions("series")).toHaveLength(2);
  }, 60_000);

  test("of other data is replaced by the absolute rules, and its figure is not compared", async () => {
    const first = await create(inputsOf("moved", [await jobOf(0.9)]));
    const moved = { dataVersion: "d2" };
    const hold = await update(first, inputsOf("moved", [await jobOf(0.5)], { ...moved, onNewData: "hold" }));
    expect(hold.champion.version).toBe("1");
    expect(hold.decision).toMatchObject({ outcome: "pending", pendingVersion: "2" });
    const absolute = await update(hold, inputsOf("moved", hold.jobs, moved));
    expect(absolute.champion).toMatchObject({ version: "2", dataVersion: "d2", value: 0.5 });
    expect(absolute.decision.reason).toBe(
      "other validation data, so the absolute rules decide: 0.5000 on val:d2 reaches the minimum of 0.1, and version 1 has 0.9000 on val:d1, which cannot be compared",
    );
  }, 60_000);

  test("is no trial without a model, or one that was stopped; a canceled job's finished ones count", async () => {
    const { job, trials } = await champions.job(
      [
        { metric: 0.5 },
        { metric: 0.9, artifact: false },
        { metric: 0.8, status: "KILLED" },
        { metric: 0.4 },
        { metric: "NaN" },
      ],
      { status: "KILLED", names: 1 },
    );
    const state = await create(inputsOf("leftovers", [job]));
    expect(state.champion.bestChild).toBe(trials[0]);
    expect(state.decision.reason).toBe(
      `first champion: 0.5000 reaches the minimum of 0.1 (${trials[1]} has no outputs/model.pt)`,
    );
  }, 60_000);

  test("there is none, and the error says why, when no job offers a model", async () => {
    const { job } = await champions.job([{}, { metric: 0.5, artifact: false }]);
    const { thrown } = await run("create", inputsOf("nothing", [job, "no-such-job"]));
    expect(thrown?.id).toBeUndefined();
    expect(thrown?.message).toMatch(
      /^No model serves yet.*has no candidate: \S+ has no outputs\/model\.pt; job no-such-job is not in the workspace\..*run "pulumi up" again\.$/,
    );
  }, 60_000);

  test("is decided again once jobs have ended that had not", async () => {
    const first = await create(inputsOf("early", [await jobOf(0.5)]));
    const { job } = await champions.job([{ metric: 0.8 }], { status: "RUNNING" });
    const waiting = await update(first, inputsOf("early", [job]));
    expect(waiting).toMatchObject({ champion: { version: "1" }, openJobs: [job] });
    expect(await changes(waiting, inputsOf("early", [job]))).toBe(true);
    await champions.end(job);
    const ended = await update(waiting, inputsOf("early", [job]));
    expect(ended).toMatchObject({ champion: { version: "2", value: 0.8 }, openJobs: [] });
    expect(await changes(ended, inputsOf("early", [job]))).toBe(false);
  }, 60_000);

  test("needs every label and enough images, where rules ask for them", async () => {
    const few = { dataId: await champions.validation("few", 3), dataVersion: "few" };
    const { job } = await champions.job([{ metric: 0.5, perLabel: { cat: 0.9, dog: 0.1 } }]);
    const held = async (more: object) =>
      (await run("create", inputsOf("strict", [job], { ...few, ...more }))).thrown?.message;
    expect(await held({ minimumImages: 4 })).toContain("0.5000 was measured on 3 images, fewer than the 4 asked for");
    expect(await held({ perClassMinimum: { dog: 0.2 } })).toContain("dog 0.1000 is below 0.2000 (mean: 0.5000)");
    const tagged5 = { dataId: await champions.validation("told", 0, { validation_images: "5" }), dataVersion: "told" };
    const state = await create(
      inputsOf("strict", [job], { ...tagged5, minimumImages: 4, perClassMinimum: { cat: 0.2 } }),
    );
    expect(state.champion.version).toBe("1");
  }, 60_000);

  test("is brought back by a rollback, which no candidate overrides until it is removed", async () => {
    const first = await create(inputsOf("back", [await jobOf(0.5)]));
    const better = await jobOf(0.7);
    const second = await update(first, inputsOf("back", [better]));
    const back = await update(second, inputsOf("back", [better], { rollbackTo: "1" }));
    expect(back.champion).toMatchObject({ version: "1", value: 0.5 });
    expect(back.decision).toMatchObject({
      promoted: true,
      outcome: "rolledBack",
      reason:
        "rolled back to version 1 (0.5000) in place of version 2 (0.7000); it stays until model.rollbackTo is removed",
    });
    expect(back.history).toMatchObject([{ version: "2" }]);
    const best = await jobOf(0.9);
    const pinned = await update(back, inputsOf("back", [best], { rollbackTo: "1" }));
    expect(pinned).toMatchObject({ champion: { version: "1" }, decision: { promoted: false } });
    expect(pinned.decisions[0]).toMatchObject({
      outcome: "held",
      reason: "model.rollbackTo keeps version 1 (0.5000) as the champion; the candidate has 0.9000",
    });
    expect(await tagged("back")).toEqual(["1"]);
    const free = await update(pinned, inputsOf("back", [best]));
    expect(free.champion).toMatchObject({ version: "3", value: 0.9 });
    expect(free.history.map(({ version }) => version)).toEqual(["1", "2"]);
  }, 60_000);

  test("cannot be rolled back to what is not there, or archived; the preview says so too", async () => {
    const first = await create(inputsOf("wrong", [await jobOf(0.5)]));
    const second = await update(first, inputsOf("wrong", [await jobOf(0.7)]));
    await champions.edit("1", { archived: true }, "wrong");
    const text = async (rollbackTo: string) =>
      (await run("update", "id", second, inputsOf("wrong", second.jobs, { rollbackTo }))).thrown?.message;
    const rest =
      'Its versions: 1 (archived), 2 (champion). Set it to one of 2, or remove it ("pulumi config rm --path model.rollbackTo").';
    expect(await text("9")).toBe(`model.rollbackTo is "9", and model wrong has no such version. ${rest}`);
    expect(await text("1")).toBe(`model.rollbackTo is "1", and that version is archived. ${rest}`);
    const checked = await run<never>("check", second, inputsOf("wrong", second.jobs, { rollbackTo: "9" }));
    expect(checked.answer).toMatchObject({
      failures: [
        { property: "rollbackTo", reason: `model.rollbackTo is "9", and model wrong has no such version. ${rest}` },
      ],
    });
    expect(await tagged("wrong")).toEqual(["2"]);
  }, 60_000);

  test("waits for the approval of just that version where approval is required", async () => {
    const approval = { approval: "required" };
    const candidate = await jobOf(0.5);
    const { thrown } = await run("create", inputsOf("asked", [candidate], approval));
    expect(thrown?.message).toContain('it waits as version 1; to promote it set model.approved to "1"');
    expect(thrown?.message).toContain('Run "pulumi config set --path model.approved 1", and "pulumi up" again.');
    expect(await champions.versions("asked")).toMatchObject([{ tags: { champion: "false", approval: "pending" } }]);

    const first = await create(inputsOf("asked", [candidate], { ...approval, approved: "1" }));
    expect(first.champion.version).toBe("1");
    expect(first.decision.reason).toBe("approved: first champion: 0.5000 reaches the minimum of 0.1");

    const next = await jobOf(0.6);
    const pending = await update(first, inputsOf("asked", [next], { ...approval, approved: "1" }));
    expect(pending).toMatchObject({
      champion: { version: "1" },
      decision: { promoted: false, outcome: "pending", pendingVersion: "2" },
    });
    // A token that was there before the version was cannot have meant it.
    const stale = await update(pending, inputsOf("asked", [await jobOf(0.65)], { ...approval, approved: "3" }));
    expect(stale).toMatchObject({ champion: { version: "1" }, decision: { pendingVersion: "3" } });
    // The jobs have moved on, and the approval is of what was shown.
    const approved = await update(stale, inputsOf("asked", stale.jobs, { ...approval, approved: "2" }));
    expect(approved).toMatchObject({
      champion: { version: "2", value: 0.6 },
      decision: { promoted: true, pendingVersion: "3" },
    });
    expect(await tagged("asked")).toEqual(["2"]);
  }, 60_000);

  test("may be approved by the run that trained it, before it is a version", async () => {
    const { job, trials } = await champions.job([{ metric: 0.5 }]);
    const state = await create(inputsOf("early-yes", [job], { approval: "required", approved: trials[0] }));
    expect(state.champion.version).toBe("1");
  }, 60_000);

  test("is registered in the other form when the type is changed", async () => {
    const job = await jobOf(0.5);
    const first = await create(inputsOf("form", [job]));
    const second = await update(first, inputsOf("form", [job], { modelType: "mlflow_model" }));
    expect(second.champion).toMatchObject({
      version: "2",
      modelType: "mlflow_model",
      bestChild: first.champion.bestChild,
    });
    expect(await champions.versions("form")).toMatchObject([
      { modelType: "custom_model" },
      { modelType: "mlflow_model" },
    ]);
    expect(await tagged("form")).toEqual(["2"]);
  }, 60_000);

  describe("whose versions were changed by hand", () => {
    const withTwo = async (name: string) => {
      const first = await create(inputsOf(name, [await jobOf(0.5)]));
      return update(first, inputsOf(name, [await jobOf(0.7)]));
    };

    test("keeps its tag: refresh shows that it moved, and the next up moves it back", async () => {
      const state = await withTwo("retagged");
      expect((await refresh(state)).props).toEqual(state);
      await champions.edit("1", { tags: { champion: "true" } }, "retagged");
      await champions.edit("2", { tags: { champion: "false" } }, "retagged");
      const seen = (await refresh(state)).props;
      expect(seen?.champion.version).toBe("1");
      expect(seen?.drift).toEqual(["version 2, the champion, has lost its tag", "version 1 is tagged as champion too"]);
      expect(await changes(seen ?? {}, inputsOf("retagged", state.jobs))).toBe(true);
      const repaired = await update(seen ?? {}, inputsOf("retagged", state.jobs));
      expect(repaired).toMatchObject({ champion: { version: "2" }, drift: [] });
      expect(await tagged("retagged")).toEqual(["2"]);
      expect((await refresh(repaired)).props).toEqual(repaired);
    }, 60_000);

    test("gives way to the one before it when it is archived, and stays withdrawn", async () => {
      const state = await withTwo("archived");
      await champions.edit("2", { archived: true }, "archived");
      const seen = (await refresh(state)).props;
      expect(seen).toMatchObject({ champion: { version: "1" }, drift: ["version 2, the champion, was archived"] });
      const next = await update(seen ?? {}, inputsOf("archived", state.jobs));
      expect(next).toMatchObject({
        champion: { version: "1", value: 0.5 },
        history: [{ version: "2", state: "archived" }],
        drift: [],
      });
      expect(next.decision.reason).toMatch(/^version 2 is archived, so version 1 \(0\.5000\) serves again; /);
      expect(await tagged("archived")).toEqual(["1"]);
      expect((await refresh(next)).props).toEqual(next);
    }, 60_000);

    test("is registered again under a new number when it is deleted", async () => {
      const state = await withTwo("deleted");
      await champions.deleteVersion("2", "deleted");
      const seen = (await refresh(state)).props;
      expect(seen).toMatchObject({ champion: { version: "1" }, drift: ["version 2, the champion, was deleted"] });
      const next = await update(seen ?? {}, inputsOf("deleted", state.jobs));
      expect(next).toMatchObject({ champion: { version: "3", value: 0.7 }, drift: [] });
      expect(next.history.map(({ version, state: what }) => [version, what])).toEqual(
        expect.arrayContaining([
          ["1", "available"],
          ["2", "deleted"],
        ]),
      );
      expect(await tagged("deleted")).toEqual(["3"]);
    }, 60_000);

    test("is gone for the engine when no version is left", async () => {
      const state = await create(inputsOf("empty", [await jobOf(0.5)]));
      await champions.deleteVersion("1", "empty");
      expect(await refresh(state)).toEqual({});
    }, 60_000);
  });
});
