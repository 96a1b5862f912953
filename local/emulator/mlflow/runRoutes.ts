import { messageOf } from "../../../lib/errors";
import { randomUUID } from "node:crypto";
import { artifactFolder, listArtifacts } from "./artifacts";
import { invalid, missing } from "./errors";
import { matches, parseFilter } from "./filter";
import { checkedPairs, inView, limits, list, optional, page, pairs, text, type Body } from "./requests";
import type { Run, RunStatus, RunStore } from "./runs";
import { requireRun, type Tracking } from "./tracking";

const statuses: readonly string[] = ["SCHEDULED", "RUNNING", "FINISHED", "FAILED", "KILLED"];

/** https://mlflow.org/docs/latest/rest-api.html#create-run */
export function runRoutes({ cloud, runs, post, get, artifactsOf }: Tracking): void {
  const wire = (workspaceId: string, run: Run) => wireOf(run, artifactsOf(workspaceId, run));

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
    run: wire(workspaceId, requireRun(runs, workspaceId, query)),
  }));
  post("/runs/update", async (workspaceId, body) => {
    const { runId } = requireRun(runs, workspaceId, body);
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
      await runs.change(workspaceId, requireRun(runs, workspaceId, body).runId, () => ({ lifecycleStage }));
      return {};
    });
  }
  post("/runs/search", (workspaceId, body) => {
    const { items, next } = page(searchRuns(runs, workspaceId, body), body);
    return { runs: items.map((run) => wire(workspaceId, run)), ...next };
  });
  post("/runs/delete-tag", async (workspaceId, body) => {
    const key = text(body, "key");
    const { runId, tags } = requireRun(runs, workspaceId, body);
    if (!Object.hasOwn(tags, key)) throw missing(`No tag with name: ${key} in run with id ${runId}`);
    await runs.change(workspaceId, runId, (run) => ({
      tags: Object.fromEntries(Object.entries(run.tags).filter(([name]) => name !== key)),
    }));
    return {};
  });
  get("/artifacts/list", async (workspaceId, query) => {
    const run = requireRun(runs, workspaceId, query);
    const folder = optional(query.path) ?? "";
    if (folder.split("/").includes("..")) throw invalid(`Invalid path: ${folder}`);
    const files = await listArtifacts(cloud, workspaceId, artifactFolder(run.runId), folder);
    return { root_uri: artifactsOf(workspaceId, run), files };
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
