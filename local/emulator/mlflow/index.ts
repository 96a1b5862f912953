import type { FastifyInstance, FastifyRequest } from "fastify";
import { randomUUID } from "node:crypto";
import type { Cloud, CloudService } from "../contracts";
import { matches, parseFilter } from "./filter";
import { RunStore, type MetricPoint, type Run, type RunStatus } from "./runs";

/** An error in MLflow's form: {"error_code", "message"}. */
class MlflowError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
}

type Params = { subscription: string; group: string; workspace: string };
type Body = Record<string, unknown>;

const most = 1000;

/** MLflow's tracking REST API 2.0, with the limits that Azure ML sets to searches. */
export const mlflowService: CloudService = {
  name: "mlflow",
  routes(server, cloud) {
    const prefix =
      "/mlflow/v1.0/subscriptions/:subscription/resourceGroups/:group/providers/Microsoft.MachineLearningServices/workspaces/:workspace/api/2.0/mlflow";
    server.register(async (scope) => trackingRoutes(scope, cloud), { prefix });
  },
};

function trackingRoutes(server: FastifyInstance, cloud: Cloud): void {
  const runs = new RunStore(cloud.store);
  server.setErrorHandler((error: Error, _request, reply) => {
    if (error instanceof MlflowError)
      return reply.status(error.status).send({ error_code: error.code, message: error.message });
    throw error;
  });

  const workspaceOf = (request: FastifyRequest): string => {
    const { subscription, group, workspace } = request.params as Params;
    const id = `/subscriptions/${subscription}/resourceGroups/${group}/providers/Microsoft.MachineLearningServices/workspaces/${workspace}`;
    const record = cloud.resources.get(id);
    if (!record) throw missing(`Workspace '${workspace}' does not exist.`);
    return record.id;
  };
  const given = (request: FastifyRequest): Body => ({ ...(request.query as Body), ...((request.body ?? {}) as Body) });
  const post = (path: string, handle: (workspaceId: string, body: Body) => unknown) =>
    server.post(path, async (request) => handle(workspaceOf(request), given(request)));
  const get = (path: string, handle: (workspaceId: string, query: Body) => unknown) =>
    server.get(path, async (request) => handle(workspaceOf(request), given(request)));

  const requireRun = (workspaceId: string, body: Body): Run => {
    const runId = text(body, "run_id", body.run_uuid);
    const run = runs.run(workspaceId, runId);
    if (!run) throw missing(`Run with id=${runId} not found.`);
    return run;
  };
  const experimentAnswer = ({ experimentId, name }: { experimentId: string; name: string }) => ({
    experiment: { experiment_id: experimentId, name, artifact_location: "", lifecycle_stage: "active", tags: [] },
  });

  post("/experiments/create", async (workspaceId, body) => {
    const name = text(body, "name");
    if (runs.listExperiments(workspaceId).some((experiment) => experiment.name === name)) {
      throw new MlflowError(400, "RESOURCE_ALREADY_EXISTS", `Experiment '${name}' already exists.`);
    }
    return { experiment_id: (await runs.ensureExperiment(workspaceId, name)).experimentId };
  });
  get("/experiments/get", (workspaceId, query) => {
    const experiment = runs.experiment(workspaceId, text(query, "experiment_id"));
    if (!experiment) throw missing(`No experiment with id ${String(query.experiment_id)}.`);
    return experimentAnswer(experiment);
  });
  get("/experiments/get-by-name", (workspaceId, query) => {
    const name = text(query, "experiment_name");
    const experiment = runs.listExperiments(workspaceId).find((candidate) => candidate.name === name);
    if (!experiment) throw missing(`Could not find experiment with name '${name}'.`);
    return experimentAnswer(experiment);
  });
  const listExperiments = (workspaceId: string) => ({
    experiments: runs.listExperiments(workspaceId).map((experiment) => experimentAnswer(experiment).experiment),
  });
  post("/experiments/search", listExperiments);
  get("/experiments/search", listExperiments);
  get("/experiments/list", listExperiments);

  post("/runs/create", async (workspaceId, body) => {
    const experimentId = text(body, "experiment_id");
    if (!runs.experiment(workspaceId, experimentId)) throw missing(`No experiment with id ${experimentId}.`);
    const tags = record(body.tags);
    const run: Run = {
      runId: randomUUID(),
      experimentId,
      name: optional(body.run_name) ?? tags["mlflow.runName"] ?? "run",
      status: "RUNNING",
      startTime: Number(body.start_time ?? Date.now()),
      lifecycleStage: "active",
      params: {},
      tags,
      metrics: {},
    };
    await runs.put(workspaceId, run);
    return { run: wire(run) };
  });
  get("/runs/get", (workspaceId, query) => ({ run: wire(requireRun(workspaceId, query)) }));
  post("/runs/update", async (workspaceId, body) => {
    const { runId } = requireRun(workspaceId, body);
    const changed = await runs.change(workspaceId, runId, (run) => ({
      status: (body.status as RunStatus | undefined) ?? run.status,
      endTime: body.end_time === undefined ? run.endTime : Number(body.end_time),
      name: optional(body.run_name) ?? run.name,
    }));
    return { run_info: changed && wire(changed).info };
  });
  post("/runs/delete", async (workspaceId, body) => {
    await runs.change(workspaceId, requireRun(workspaceId, body).runId, () => ({ lifecycleStage: "deleted" }));
    return {};
  });
  post("/runs/search", (workspaceId, body) => searchRuns(runs, workspaceId, body));

  const log = async (
    workspaceId: string,
    body: Body,
    points: MetricPoint[],
    params: Record<string, string>,
    tags: Record<string, string>,
  ) => {
    const { runId } = requireRun(workspaceId, body);
    await runs.log(workspaceId, runId, points, params, tags);
    return {};
  };
  post("/runs/log-batch", (workspaceId, body) =>
    log(workspaceId, body, list(body.metrics).map(point), record(body.params), record(body.tags)),
  );
  post("/runs/log-metric", (workspaceId, body) => log(workspaceId, body, [point(body)], {}, {}));
  post("/runs/log-parameter", (workspaceId, body) =>
    log(workspaceId, body, [], { [text(body, "key")]: String(body.value) }, {}),
  );
  post("/runs/set-tag", (workspaceId, body) =>
    log(workspaceId, body, [], {}, { [text(body, "key")]: String(body.value) }),
  );
  get("/metrics/get-history", (workspaceId, query) => {
    const { runId } = requireRun(workspaceId, query);
    return { metrics: runs.history(workspaceId, runId, text(query, "metric_key")) };
  });
}

function searchRuns(runs: RunStore, workspaceId: string, body: Body): object {
  const experimentIds = list(body.experiment_ids).map(String);
  const orders = list(body.order_by).map(String);
  const odd = orders.find((order) => !/^(attributes?\.)?(start_time|end_time|run_id|status)\b/i.test(order));
  if (odd)
    throw new MlflowError(
      400,
      "INVALID_PARAMETER_VALUE",
      `Ordering by '${odd}' is not supported; order on the client.`,
    );
  let conditions;
  try {
    conditions = parseFilter(optional(body.filter) ?? "");
  } catch (error) {
    throw new MlflowError(400, "INVALID_PARAMETER_VALUE", error instanceof Error ? error.message : String(error));
  }
  const found = runs
    .listRuns(workspaceId)
    .filter(
      (run) => experimentIds.includes(run.experimentId) && run.lifecycleStage === "active" && matches(run, conditions),
    )
    .sort((a, b) => b.startTime - a.startTime || (a.runId < b.runId ? -1 : 1));
  if (/asc/i.test(orders[0] ?? "")) found.reverse();
  const skip = Number(body.page_token ?? 0);
  const size = Math.min(most, Number(body.max_results ?? most));
  return {
    runs: found.slice(skip, skip + size).map(wire),
    ...(skip + size < found.length ? { next_page_token: String(skip + size) } : {}),
  };
}

function wire(run: Run) {
  const pairs = (values: Record<string, string>) => Object.entries(values).map(([key, value]) => ({ key, value }));
  return {
    info: {
      run_id: run.runId,
      run_uuid: run.runId,
      run_name: run.name,
      experiment_id: run.experimentId,
      status: run.status,
      start_time: run.startTime,
      end_time: run.endTime,
      artifact_uri: `azureml://artifacts/ExperimentRun/dcid.${run.runId}`,
      lifecycle_stage: run.lifecycleStage,
    },
    data: { metrics: Object.values(run.metrics), params: pairs(run.params), tags: pairs(run.tags) },
  };
}

function missing(message: string): MlflowError {
  return new MlflowError(404, "RESOURCE_DOES_NOT_EXIST", message);
}

function text(body: Body, key: string, otherwise?: unknown): string {
  const value = body[key] ?? otherwise;
  if (typeof value !== "string" || value === "")
    throw new MlflowError(400, "INVALID_PARAMETER_VALUE", `Missing value for required parameter '${key}'.`);
  return value;
}

function optional(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}

function list(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

function record(value: unknown): Record<string, string> {
  return Object.fromEntries(list(value).map((pair) => [String((pair as Body).key), String((pair as Body).value)]));
}

function point(value: unknown): MetricPoint {
  const body = value as Body;
  const number = Number(body.value);
  if (!Number.isFinite(number))
    throw new MlflowError(400, "INVALID_PARAMETER_VALUE", `Metric '${String(body.key)}' is no finite number.`);
  return {
    key: text(body, "key"),
    value: number,
    timestamp: Number(body.timestamp ?? Date.now()),
    step: Number(body.step ?? 0),
  };
}
