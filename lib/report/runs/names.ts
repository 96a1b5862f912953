import { apiVersions, type ArmClient } from "../../azure/arm";
import type { TrackedRun, TrackingClient } from "../../azure/mlflow";
import { UserError } from "../../errors";
import { championOf, listVersions, type ModelVersion } from "../../promotion";

/** A champion, and the model that it is a version of. */
export interface Champion {
  model: string;
  version: ModelVersion;
}

interface Surroundings {
  arm: ArmClient;
  workspaceId: string;
  tracking: TrackingClient;
  /** Where names are looked for; everywhere when absent. */
  experiment?: string;
  champions: readonly Champion[];
}

/**
 * The run that a word of the command line means: `champion`, `latest`, a run's id, or its name.
 * @throws UserError when there is no such run, or several have the name
 */
export async function findRun(word: string, around: Surroundings): Promise<TrackedRun> {
  if (word === "champion") return championRun(around);
  const { tracking } = around;
  const byId = word === "latest" ? undefined : await tracking.run(word);
  if (byId) return byId;
  const experiments = await experimentsOf(around);
  const where = around.experiment === undefined ? "the workspace" : `experiment "${around.experiment}"`;
  if (word === "latest") {
    const latest = await latestRun(tracking, experiments);
    if (!latest) throw new UserError(`"latest": ${where} has no run yet. Train a job, or name a run.`);
    return latest;
  }
  const named = await namedRuns(tracking, experiments, word);
  const [found] = named;
  if (!found)
    throw new UserError(
      `"${word}": no run of ${where} has this id or name. Allowed are a run's id, its name, "champion" and "latest"; the studio's job list and "pulumi stack output platform" name them.`,
    );
  if (named.length > 1)
    throw new UserError(
      `"${word}" is the name of ${named.length} runs of ${where}: ${named
        .slice(0, 5)
        .map(({ runId }) => runId)
        .join(", ")}${named.length > 5 ? ", ..." : ""}. Give the id of the one that is meant.`,
    );
  return found;
}

/** Experiments a search: the service limits the length of a request. */
const experimentsASearch = 50;

async function experimentsOf({ tracking, experiment }: Surroundings): Promise<string[]> {
  const all = await tracking.experiments();
  if (experiment === undefined) return all.map(({ id }) => id);
  const found = all.filter(({ name, id }) => name === experiment || id === experiment);
  if (found.length === 0)
    throw new UserError(
      `--experiment is "${experiment}", which the workspace does not have. It has: ${
        all
          .slice(0, 20)
          .map(({ name }) => name)
          .join(", ") || "none"
      }.`,
    );
  return found.map(({ id }) => id);
}

function* batches(experiments: readonly string[]): Generator<string[]> {
  for (let at = 0; at < experiments.length; at += experimentsASearch)
    yield experiments.slice(at, at + experimentsASearch);
}

async function latestRun(tracking: TrackingClient, experiments: readonly string[]): Promise<TrackedRun | undefined> {
  let latest: TrackedRun | undefined;
  for (const batch of batches(experiments)) {
    for await (const page of tracking.runPages(batch)) {
      // Trials began after their job, so that the first run without a parent is the last job.
      const job = page.find(({ tags }) => !tags["mlflow.parentRunId"]);
      if (!job) continue;
      if (!latest || (job.startTime ?? 0) > (latest.startTime ?? 0)) latest = job;
      break;
    }
  }
  return latest;
}

async function namedRuns(
  tracking: TrackingClient,
  experiments: readonly string[],
  name: string,
): Promise<TrackedRun[]> {
  // MLflow's filters know no escape of a quotation mark, so that such a name is looked for here.
  const quote = name.includes("'") ? '"' : "'";
  const filter = name.includes(quote) ? undefined : `tags.mlflow.runName = ${quote}${name}${quote}`;
  const found: TrackedRun[] = [];
  for (const batch of batches(experiments)) {
    for await (const page of tracking.runPages(batch, filter)) found.push(...page.filter((run) => run.name === name));
  }
  return found;
}

async function championRun({ champions, tracking }: Surroundings): Promise<TrackedRun> {
  const [champion, ...others] = champions;
  if (!champion)
    throw new UserError(
      '"champion": no version of a model of the workspace is tagged champion. Run "pulumi up", or name a run.',
    );
  if (others.length > 0)
    throw new UserError(
      `"champion": several models have one: ${champions.map(({ model }) => model).join(", ")}. Say which by --model NAME.`,
    );
  const { version } = champion;
  const run = version.trial === "" ? undefined : await tracking.run(version.trial);
  if (!run)
    throw new UserError(
      `"champion": version ${version.version} of ${champion.model} was trained by run "${version.trial}", which the workspace does not have. Name a run.`,
    );
  return run;
}

/** Models that are asked for their champion when none is named. */
const mostModels = 50;

/** The champions of the workspace's models, or of the one that is named. */
export async function findChampions(arm: ArmClient, workspaceId: string, model?: string): Promise<Champion[]> {
  const names: string[] = [];
  if (model !== undefined) names.push(model);
  else {
    for await (const { name } of arm.list(`${workspaceId}/models`, apiVersions.machineLearning)) {
      names.push(name);
      if (names.length === mostModels) break;
    }
  }
  const champions: Champion[] = [];
  for (const name of names) {
    const version = championOf(await listVersions(arm, workspaceId, name));
    if (version) champions.push({ model: name, version });
  }
  return champions;
}
