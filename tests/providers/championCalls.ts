import type { Outputs } from "../../providers/championModel/settle";
import { championInputs, type ChampionCloud } from "./championCloud";
import { call } from "./driver";

export type State = Outputs & { __provider: string };

/** What the engine asks of a champion, and what its registry then has. */
export function championCalls(champions: () => ChampionCloud) {
  const inputsOf = (modelName: string, jobs: string[], more: object = {}) =>
    championInputs(champions().workspaceId, modelName, { jobs, minimumMetric: 0.1, ...more });
  const run = <O = State>(method: string, ...args: unknown[]) =>
    call<O>(champions().cloud.record, "championModel", method, ...args);
  const create = async (inputs: object): Promise<State> => {
    const { answer, thrown } = await run("create", inputs);
    if (!answer) throw new Error(thrown?.message);
    return answer.outs;
  };
  const update = async (state: object, inputs: object): Promise<State> => {
    const { answer, thrown } = await run("update", "id", state, inputs);
    if (!answer) throw new Error(thrown?.message);
    return answer.outs;
  };
  const refresh = async (state: object) =>
    (await run<{ props?: State }>("read", "id", state)).answer as { props?: State };
  const changes = async (state: object, inputs: object) =>
    ((await run<never>("diff", "id", state, inputs)).answer as unknown as { changes: boolean }).changes;
  const jobOf = async (...metrics: number[]) => (await champions().job(metrics.map((metric) => ({ metric })))).job;
  const tagged = async (name: string) =>
    (await champions().versions(name)).filter(({ tags }) => tags.champion === "true").map(({ version }) => version);
  return { inputsOf, run, create, update, refresh, changes, jobOf, tagged };
}
