import { seededRandom } from "../../local/sample/random";
import { championCalls, type State } from "./championCalls";
import { ChampionCloud } from "./championCloud";
import { outcome, start } from "./driver";

describe("the champion, whoever else writes and whatever is killed,", () => {
  let champions: ChampionCloud;
  beforeAll(async () => (champions = await ChampionCloud.start()), 60_000);
  afterAll(() => champions.remove());
  const { inputsOf, create, update, refresh, jobOf, tagged } = championCalls(() => champions);

  test("is one, and no trial has two versions, whenever the promotion is killed", async () => {
    const random = seededRandom(11);
    const name = "killed";
    let state = await create(inputsOf(name, [await jobOf(0.1)]));
    const rounds = 14;
    const unfinished: string[] = [];
    for (let round = 1; round <= rounds; round++) {
      const inputs = inputsOf(name, [await jobOf(0.1 + round / 100)]);
      const child = start(champions.cloud.record, "championModel", "update", ["id", state, inputs]);
      const ended = outcome(child).finally(() => (running = false));
      let running = true;
      // Every other round as soon as the new version shows, which is between the first write and the next; else at some
      // time from the start of the process to after its last request.
      const deadline = Date.now() + (round % 2 === 0 ? 30_000 : random.number(300, 2_500));
      while (running) {
        const versions = await champions.versions(name);
        // What readers see in between: never none.
        expect(versions.some(({ tags }) => tags.champion === "true")).toBe(true);
        if (Date.now() > deadline || (round % 2 === 0 && versions.length > round)) child.kill("SIGKILL");
      }
      await ended;
      const left = await tagged(name);
      if (child.signalCode)
        unfinished.push(`${(await champions.versions(name)).length - round} new, ${left.length} tagged`);
      state = await update(state, inputs);
      expect(state.champion.value).toBeCloseTo(0.1 + round / 100);
      expect(await tagged(name)).toEqual([state.champion.version]);
    }
    const trials = (await champions.versions(name)).map(({ tags }) => tags.best_child);
    expect(trials).toHaveLength(rounds + 1);
    expect(new Set(trials).size).toBe(rounds + 1);
    expect(state.history).toHaveLength(rounds);
    // Some of the kills were where it matters.
    expect(unfinished).toContain("1 new, 2 tagged");
  }, 240_000);

  test("is the new one between the two writes of a promotion, and the next up ends it", async () => {
    const name = "half";
    const state = await create(inputsOf(name, [await jobOf(0.5)]));
    const better = await jobOf(0.7);
    const whole = await update(state, inputsOf(name, [better]));
    await champions.edit("1", { tags: { champion: "true" } }, name);
    expect((await refresh(state)).props).toMatchObject({ champion: { version: "2" } });
    // The state is that of before the promotion, as after a kill.
    const next = await update(state, inputsOf(name, [better]));
    expect(next).toMatchObject({ champion: whole.champion, decision: { promoted: false, outcome: "champion" } });
    expect(next.decision.reason).toBe(
      "version 2 is this model already (0.7000): better by 0.2: 0.7000 against 0.5000 of version 1",
    );
    expect(next.decisions.map(({ outcome: what, value }) => [what, value])).toEqual([
      ["promoted", 0.7],
      ["promoted", 0.5],
    ]);
    expect(await tagged(name)).toEqual(["2"]);
  }, 60_000);

  test("is one when two stacks promote at once", async () => {
    const name = "raced";
    const job = await jobOf(0.5);
    const children = [1, 2, 3].map(() =>
      start(champions.cloud.record, "championModel", "create", [inputsOf(name, [job])]),
    );
    const ended = await Promise.all(children.map((child) => outcome<State>(child)));
    expect(ended.map((one) => one?.answer?.outs.champion.version)).toEqual(["1", "1", "1"]);
    expect(await champions.versions(name)).toHaveLength(1);
    expect(await tagged(name)).toEqual(["1"]);
  }, 60_000);

  test("is the best one when stacks promote different trials at once: who comes second decides again", async () => {
    for (let round = 0; round < 3; round++) {
      const name = `mixed-${round}`;
      const jobs = await Promise.all([0.5, 0.6, 0.7].map((metric) => jobOf(metric)));
      const children = jobs.map((job) =>
        start(champions.cloud.record, "championModel", "create", [inputsOf(name, [job])]),
      );
      const ended = await Promise.all(children.map((child) => outcome<State>(child)));
      expect(ended.map((one) => one?.thrown)).toEqual([undefined, undefined, undefined]);
      const serving = (await champions.versions(name)).filter(({ tags }) => tags.champion === "true");
      expect(serving.map(({ tags }) => tags.metric_value)).toEqual(["0.7"]);
    }
  }, 60_000);
});
