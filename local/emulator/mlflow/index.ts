import { messageOf } from "../../../lib/errors";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { randomUUID } from "node:crypto";
import type { Cloud, CloudService } from "../contracts";
import { artifactFolder, artifactRoutes, artifactUri, historyArtifactUri, listArtifacts } from "./artifacts";
import { invalid, missing, MlflowError } from "./errors";
import { matches, parseFilter } from "./filter";
import { registryRoutes } from "./registry";
import { checkedPairs, inView, limits, list, optional, page, pairs, point, text, type Body } from "./requests";
import { RunStore, type Experiment, type MetricPoint, type Run, type RunStatus } from "./runs";

type Params = { subscription: string; group: string; workspace: string };

const statuses: readonly string[] = ["SCHEDULED", "RUNNING", "FINISHED", "FAILED", "KILLED"];

/** MLflow's tracking REST API 2.0, with the limits that Azure ML sets to searches. */
export const mlflowService: CloudService = {
  name: "mlflow",
  routes(server, cloud) {
    const workspace =
      "/subscriptions/:subscription/resourceGroups/:group/providers/Microsoft.MachineLearningServices/workspaces/:workspace";
    for (const version of ["v1.0", "v2.0"] as const) {
      server.register(
        async (scope) => {
          scope.setErrorHandler(answerError);
          scope.setNotFoundHandler((request) => {
            throw new MlflowError(
              404,
              "ENDPOINT_NOT_FOUND",
              `There is no ${request.method} ${request.url.split("?")[0]}.`,
            );
          });
          await scope.register(async (tracking) => trackingRoutes(tracking, cloud, version), { prefix: "/mlflow" });
          await scope.register(async (artifacts) => artifactRoutes(artifacts, cloud, workspaceIn(cloud)));
        },
        { prefix: `/mlflow/${version}${workspace}/api/2.0` },
      );
    }
  },
};

function answerError(error: Error & { statusCode?: number }, _request: FastifyRequest, reply: FastifyReply): unknown {
  const known =
    error.statusCode === 400 ? new MlflowError(400, "MALFORMED_REQUEST", `Malformed request: ${error.message}`) : error;
  // Those that are not MLflow's own (a missing token, say) are the cloud's.
  if (!(known instanceof MlflowError)) throw error;
  return reply.status(known.status).send({ error_code: known.code, message: known.message });
}

/** The workspace of a request, by its path. @throws MlflowError when it is not there */
function workspaceIn(cloud: Cloud): (request: FastifyRequest) => string {
  return (request) => {
    const { subscription, group, workspace } = request.params as Params;
    const id = `/subscriptions/${subscription}/resourceGroups/${group}/providers/Microsoft.MachineLearningServices/workspaces/${workspace}`;
    const record = cloud.resources.get(id);
    if (!record) throw missing(`Workspace '${workspace}' does not exist.`);
    return record.id;
  };
}

/**
 * @param version of the address. azureml-mlflow asks under v2.0 and reaches artifacts over the workspace's run history, as
 * Azure ML has them; a client without it asks under v1.0 and reaches them over MLflow's own proxy.
 */
function trackingRoutes(server: FastifyInstance, cloud: Cloud, version: "v1.0" | "v2.0"): void {
  const runs = new RunStore(cloud.store);
  const workspaceOf = workspaceIn(cloud);
  const artifactsOf = (workspaceId: string, { runId, experimentId }: Run) =>
    version === "v1.0"
      ? artifactUri(cloud, workspaceId, runId)
      : historyArtifactUri(cloud, workspaceId, runs.experiment(workspaceId, experimentId)?.name ?? "Default", runId);
  const wire = (workspaceId: string, run: Run) => wireOf(run, artifactsOf(workspaceId, run));
  const given = (request: FastifyRequest): Body => ({ ...(request.query as Body), ...((request.body ?? {}) as Body) });
  const post = (path: string, handle: (workspaceId: string, body: Body) => unknown) =>
    server.post(path, async (request) => handle(workspaceOf(request), given(request)));
  const get = (path: string, handle: (workspaceId: string, query: Body) => unknown) =>
    server.get(path, async (request) => handle(workspaceOf(request), given(request)));

  registryRoutes(server, cloud, (request) => [workspaceOf(request), given(request)]);

  const requireRun = (workspaceId: string, body: Body): Run => {
    const runId = text(body, "run_id", body.run_uuid);
    const run = runs.run(workspaceId, runId);
    if (!run) throw missing(`Run with id=${runId} not found.`);
    return run;
  };
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

  post("/runs/create", async (workspaceId, body) => {
    const experimentId = text(body, "experiment_id");
    if (!runs.experiment(workspaceId, experimentId)) throw missing(`No experiment with id ${experimentId}.`);
    const given = checkedPairs(body.tags, limits.tagValue);
    const runName = optional(body.run_name) || given["mlflow.runName"];
    const tags = { ...given, ...(runName ? { "mlflow.runName": runName } : {}) };
    const run: Run = {
      runId: randomUUID(),
      experimentId,
      name: runName ?? "run",
      status: "RUNNING",
      startTime: Number(body.start_time ?? cloud.clock.now()),
      lifecycleStage: "active",
      params: {},
      tags,
      metrics: {},
    };
    await runs.put(workspaceId, run);
    return { run: wire(workspaceId, run) };
  });
  get("/runs/get", (workspaceId, query) => ({
    run: wire(workspaceId, requireRun(workspaceId, query)),
  }));
  post("/runs/update", async (workspaceId, body) => {
    const { runId } = requireRun(workspaceId, body);
    const status = body.status === undefined ? undefined : text(body, "status");
    if (status !== undefined && !statuses.includes(status))
      throw invalid(`The status '${status}' is not one of ${statuses.join(", ")}.`);
    const runName = optional(body.run_name) || undefined;
    const changed = await runs.change(workspaceId, runId, (run) => ({
      status: (status as RunStatus | undefined) ?? run.status,
      endTime: body.end_time === undefined ? run.endTime : Number(body.end_time),
      name: runName ?? run.name,
      tags: runName ? { ...run.tags, "mlflow.runName": runName } : run.tags,
    }));
    return { run_info: changed && wire(workspaceId, changed).info };
  });
  for (const [path, lifecycleStage] of [
    ["/runs/delete", "deleted"],
    ["/runs/restore", "active"],
  ] as const) {
    post(path, async (workspaceId, body) => {
      await runs.change(workspaceId, requireRun(workspaceId, body).runId, () => ({ lifecycleStage }));
      return {};
    });
  }
  post("/runs/search", (workspaceId, body) => {
    const { items, next } = page(searchRuns(runs, workspaceId, body), body);
    return { runs: items.map((run) => wire(workspaceId, run)), ...next };
  });
  // Newer clients ask for models with each folder that they list; Azure ML knows none besides the registered ones.
  post("/logged-models/search", () => ({ models: [] }));
  post("/runs/delete-tag", async (workspaceId, body) => {
    const key = text(body, "key");
    const { runId, tags } = requireRun(workspaceId, body);
    if (!Object.hasOwn(tags, key)) throw missing(`No tag with name: ${key} in run with id ${runId}`);
    await runs.change(workspaceId, runId, (run) => ({
      tags: Object.fromEntries(Object.entries(run.tags).filter(([name]) => name !== key)),
    }));
    return {};
  });
  get("/artifacts/list", async (workspaceId, query) => {
    const run = requireRun(workspaceId, query);
    const folder = optional(query.path) ?? "";
    if (folder.split("/").includes("..")) throw invalid(`Invalid path: ${folder}`);
    const files = await listArtifacts(cloud, workspaceId, artifactFolder(run.runId), folder);
    return { root_uri: artifactsOf(workspaceId, run), files };
  });

  const log = async (
    workspaceId: string,
    body: Body,
    points: MetricPoint[],
    params: Record<string, string>,
    tags: Record<string, string>,
  ) => {
    const { runId, params: logged } = requireRun(workspaceId, body);
    for (const [key, value] of Object.entries(params)) {
      if (Object.hasOwn(logged, key) && logged[key] !== value)
        throw invalid(
          `Changing param values is not allowed. Param with key='${key}' was already logged with value='${logged[key]}' for run ID='${runId}'. Attempted logging new value '${value}'.`,
        );
    }
    await runs.log(workspaceId, runId, points, params, tags);
    return {};
  };
  post("/runs/log-batch", (workspaceId, body) => {
    const most = { metrics: limits.batchMetrics, params: limits.batchPairs, tags: limits.batchPairs };
    for (const [part, size] of Object.entries(most)) {
      if (list(body[part]).length > size)
        throw invalid(`A batch may have ${size} ${part}, not ${list(body[part]).length}.`);
    }
    return log(
      workspaceId,
      body,
      list(body.metrics).map((metric) => point(metric, cloud.clock.now())),
      checkedPairs(body.params, limits.paramValue),
      checkedPairs(body.tags, limits.tagValue),
    );
  });
  post("/runs/log-metric", (workspaceId, body) => log(workspaceId, body, [point(body, cloud.clock.now())], {}, {}));
  post("/runs/log-parameter", (workspaceId, body) =>
    log(workspaceId, body, [], checkedPairs([body], limits.paramValue), {}),
  );
  post("/runs/set-tag", (workspaceId, body) => log(workspaceId, body, [], {}, checkedPairs([body], limits.tagValue)));
  get("/metrics/get-history", (workspaceId, query) => {
    const { runId } = requireRun(workspaceId, query);
    const points = runs.history(workspaceId, runId, text(query, "metric_key"));
    if (!query.max_results) return { metrics: points };
    const { items, next } = page(points, query);
    return { metrics: items, ...next };
  });
}

function searchRuns(runs: RunStore, workspaceId: string, body: Body): Run[] {
  const experimentIds = list(body.experiment_ids).map(String);
  const orders = list(body.order_by).map(String);
  const odd = orders.find((order) => !/^(attributes?\.)?(start_time|end_time|run_id|status)\b/i.test(order));
  if (odd) throw invalid(`Ordering by '${odd}' is not supported; order on the client.`);
  let conditions;
  try {
    conditions = parseFilter(optional(body.filter) ?? "");
  } catch (error) {
    throw invalid(messageOf(error));
  }
  const found = runs
    .listRuns(workspaceId)
    .filter(
      (run) =>
        experimentIds.includes(run.experimentId) &&
        inView(body.run_view_type, run.lifecycleStage === "deleted") &&
        matches(run, conditions),
    )
    .sort((a, b) => b.startTime - a.startTime || (a.runId < b.runId ? -1 : 1));
  if (/\basc\b/i.test(orders[0] ?? "")) found.reverse();
  return found;
}

function wireOf(run: Run, artifactUri: string) {
  return {
    info: {
      run_id: run.runId,
      run_uuid: run.runId,
      run_name: run.name,
      experiment_id: run.experimentId,
      status: run.status,
      start_time: run.startTime,
      end_time: run.endTime,
      artifact_uri: artifactUri,
      lifecycle_stage: run.lifecycleStage,
    },
    data: { metrics: Object.values(run.metrics), params: pairs(run.params), tags: pairs(run.tags) },
  };
}
