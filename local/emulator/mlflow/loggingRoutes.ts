import { service } from "../constants";
import type { Principal } from "../contracts";
import { invalid } from "./errors";
import { checkedPairs, limits, list, page, point, text, type Body } from "./requests";
import type { MetricPoint } from "./runs";
import { requireRun, type Tracking } from "./tracking";

/** Params, metrics and tags of runs: https://mlflow.org/docs/latest/rest-api.html#log-batch */
export function loggingRoutes({ cloud, runs, post, get }: Tracking): void {
  // Newer clients ask for models with each folder that they list; Azure ML knows none besides the registered ones.
  post("/logged-models/search", () => ({ models: [] }));
  const log = async (
    workspaceId: string,
    body: Body,
    points: MetricPoint[],
    params: Record<string, string>,
    tags: Record<string, string>,
  ) => {
    const { runId, params: logged } = requireRun(runs, workspaceId, body);
    for (const [key, value] of Object.entries(params)) {
      if (Object.hasOwn(logged, key) && logged[key] !== value)
        throw invalid(
          `Changing param values is not allowed. Param with key='${key}' was already logged with value='${logged[key]}' for run ID='${runId}'. Attempted logging new value '${value}'.`,
        );
    }
    await runs.log(workspaceId, runId, points, params, tags);
    return {};
  };
  // What runs on a node of the cloud has its clock; all others tell a time of their own.
  const stamped = (metric: unknown, principal: Principal) =>
    point(
      principal.objectId === service.objectId ? { ...(metric as Body), timestamp: undefined } : metric,
      cloud.clock.now(),
    );
  post("/runs/log-batch", (workspaceId, body, principal) => {
    const most = { metrics: limits.batchMetrics, params: limits.batchPairs, tags: limits.batchPairs };
    for (const [part, size] of Object.entries(most)) {
      if (list(body[part]).length > size)
        throw invalid(`A batch may have ${size} ${part}, not ${list(body[part]).length}.`);
    }
    return log(
      workspaceId,
      body,
      list(body.metrics).map((metric) => stamped(metric, principal)),
      checkedPairs(body.params, limits.paramValue),
      checkedPairs(body.tags, limits.tagValue),
    );
  });
  post("/runs/log-metric", (workspaceId, body, principal) =>
    log(workspaceId, body, [stamped(body, principal)], {}, {}),
  );
  post("/runs/log-parameter", (workspaceId, body) =>
    log(workspaceId, body, [], checkedPairs([body], limits.paramValue), {}),
  );
  post("/runs/set-tag", (workspaceId, body) => log(workspaceId, body, [], {}, checkedPairs([body], limits.tagValue)));
  get("/metrics/get-history", (workspaceId, query) => {
    const { runId } = requireRun(runs, workspaceId, query);
    const points = runs.history(workspaceId, runId, text(query, "metric_key"));
    if (!query.max_results) return { metrics: points };
    const { items, next } = page(points, query);
    return { metrics: items, ...next };
  });
}
