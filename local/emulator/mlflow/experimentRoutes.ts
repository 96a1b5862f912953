import { invalid, missing, MlflowError } from "./errors";
import { checkedPairs, inView, limits, optional, page, pairs, text, type Body } from "./requests";
import type { Experiment } from "./runs";
import type { Tracking } from "./tracking";

/** https://mlflow.org/docs/latest/rest-api.html#create-experiment */
export function experimentRoutes({ runs, post, get }: Tracking): void {
  const experimentAnswer = ({ experimentId, name, tags = {}, deleted }: Experiment) => ({
    experiment: {
      experiment_id: experimentId,
      name,
      artifact_location: "",
      lifecycle_stage: deleted ? "deleted" : "active",
      tags: pairs(tags),
    },
  });
  const requireExperiment = (workspaceId: string, body: Body): Experiment => {
    const id = text(body, "experiment_id");
    const experiment = runs.experiment(workspaceId, id);
    if (!experiment) throw missing(`No experiment with id ${id}.`);
    return experiment;
  };
  const changeExperiment = (path: string, change: (experiment: Experiment, body: Body) => Partial<Experiment>) =>
    post(path, async (workspaceId, body) => {
      const experiment = requireExperiment(workspaceId, body);
      await runs.putExperiment(workspaceId, { ...experiment, ...change(experiment, body) });
      return {};
    });

  post("/experiments/create", async (workspaceId, body) => {
    const name = text(body, "name");
    if (runs.listExperiments(workspaceId).some((experiment) => experiment.name === name)) {
      throw new MlflowError(400, "RESOURCE_ALREADY_EXISTS", `Experiment '${name}' already exists.`);
    }
    return { experiment_id: (await runs.ensureExperiment(workspaceId, name)).experimentId };
  });
  get("/experiments/get", (workspaceId, query) => experimentAnswer(requireExperiment(workspaceId, query)));
  changeExperiment("/experiments/update", (_, body) => ({ name: text(body, "new_name") }));
  changeExperiment("/experiments/delete", () => ({ deleted: true }));
  changeExperiment("/experiments/restore", () => ({ deleted: undefined }));
  changeExperiment("/experiments/set-experiment-tag", ({ tags }, body) => ({
    tags: { ...tags, ...checkedPairs([body], limits.tagValue) },
  }));
  get("/experiments/get-by-name", (workspaceId, query) => {
    const name = text(query, "experiment_name");
    const experiment = runs.listExperiments(workspaceId).find((candidate) => candidate.name === name);
    if (!experiment) throw missing(`Could not find experiment with name '${name}'.`);
    return experimentAnswer(experiment);
  });
  const listExperiments = (workspaceId: string, body: Body) => {
    const filter = optional(body.filter)?.trim() ?? "";
    const [, name] = /^(?:attributes?\.)?name\s*=\s*(?:'([^']*)'|"[^"]*")$/i.exec(filter) ?? [];
    if (filter !== "" && name === undefined)
      throw invalid(`Invalid filter '${filter}' of experiments: name = 'NAME' is supported.`);
    const found = runs
      .listExperiments(workspaceId)
      .filter(
        (experiment) => (name === undefined || experiment.name === name) && inView(body.view_type, experiment.deleted),
      );
    const { items, next } = page(found, body);
    return { experiments: items.map((experiment) => experimentAnswer(experiment).experiment), ...next };
  };
  post("/experiments/search", listExperiments);
  get("/experiments/search", listExperiments);
  get("/experiments/list", listExperiments);
}
