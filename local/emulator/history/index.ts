import type { FastifyInstance, FastifyRequest } from "fastify";
import { ArmError, type Cloud, type CloudService } from "../contracts";
import { RunStore, type Run } from "../mlflow/runs";
import { RunArtifacts } from "./artifacts";
import { changeRun, checkChange } from "./changes";
import { detailsOf, runOf } from "./runs";

interface Params {
  subscription: string;
  group: string;
  workspace: string;
  run: string;
  origin: string;
  container: string;
}

type Query = Record<string, string>;

const workspacePath =
  "/subscriptions/:subscription/resourceGroups/:group/providers/Microsoft.MachineLearningServices/workspaces/:workspace";

/**
 * Run history and its artifacts, as azure-ai-ml asks them to stream and download a job and azureml-mlflow for the files of a
 * run. What clients ask here beyond that is answered with 501.
 */
export const historyService: CloudService = {
  name: "history",
  routes(server, cloud) {
    // Where a workspace's discoveryUrl leads; asked without a token.
    server.get("/discovery", { config: { public: true } }, async () => ({ api: cloud.url }));
    const refuseUnknown = (scope: FastifyInstance) =>
      scope.setNotFoundHandler((request) => {
        throw new ArmError(
          501,
          "NotImplemented",
          `The local cloud does not have ${request.method} ${request.url.split("?")[0]}. See docs/local.md.`,
        );
      });
    void server.register(
      async (scope) => {
        refuseUnknown(scope);
        runRoutes(scope, cloud);
      },
      { prefix: `/history/v1.0${workspacePath}` },
    );
    void server.register(
      async (scope) => {
        refuseUnknown(scope);
        artifactRoutes(scope, "/artifacts/:origin/:container", "", (request) => {
          const { origin, container } = request.params as Params;
          return new RunArtifacts(cloud, workspaceOf(cloud, request), origin, container);
        });
      },
      { prefix: `/artifact/v2.0${workspacePath}` },
    );
  },
};

function runRoutes(server: FastifyInstance, cloud: Cloud): void {
  const store = new RunStore(cloud.store);
  const requireRun = (request: FastifyRequest, id = (request.params as Params).run): [string, Run] => {
    const workspaceId = workspaceOf(cloud, request);
    const run = store.run(workspaceId, id);
    if (!run) throw new ArmError(404, "UserError", `Run with id ${id} was not found.`);
    return [workspaceId, run];
  };
  for (const path of ["/runs/:run", "/experiments/:experiment/runs/:run", "/experimentids/:experiment/runs/:run"]) {
    server.get(path, async (request) => runOf(cloud, ...requireRun(request)));
    server.get(`${path}/details`, async (request) => detailsOf(cloud, ...requireRun(request)));
    server.get(`${path}/children`, async (request) => {
      const [workspaceId, { runId }] = requireRun(request);
      const children = store.listRuns(workspaceId).filter(({ tags }) => tags["mlflow.parentRunId"] === runId);
      const top = Number((request.query as Query).$top ?? children.length);
      return { value: children.slice(0, top).map((child) => runOf(cloud, workspaceId, child)) };
    });
    server.patch(path, async (request) => {
      const [workspaceId, run] = requireRun(request);
      const changed = await changeRun(cloud, workspaceId, run.runId, checkChange(request.body));
      return runOf(cloud, workspaceId, changed ?? run);
    });
    artifactRoutes(server, `${path}/artifacts`, "/path", (request) => {
      const [workspaceId, { runId }] = requireRun(request);
      return new RunArtifacts(cloud, workspaceId, "ExperimentRun", `dcid.${runId}`);
    });
  }
  server.post("/rundata", async (request) => {
    const { runId } = (request.body ?? {}) as { runId?: string };
    return { runMetadata: runOf(cloud, ...requireRun(request, runId ?? "")) };
  });
}

/** @param folderPath where the files below a path are listed, when that is not the list itself */
function artifactRoutes(
  server: FastifyInstance,
  base: string,
  folderPath: string,
  artifactsOf: (request: FastifyRequest) => RunArtifacts,
): void {
  const pathOf = (request: FastifyRequest) => (request.query as Query).path ?? "";
  server.get(base, async (request) => ({ value: await artifactsOf(request).list(pathOf(request)) }));
  if (folderPath)
    server.get(base + folderPath, async (request) => ({ value: await artifactsOf(request).list(pathOf(request)) }));
  server.get(`${base}/metadata`, async (request) => artifactsOf(request).metadata(pathOf(request)));
  server.get(`${base}/contentinfo`, async (request) => artifactsOf(request).content(pathOf(request), "r"));
  server.post(`${base}/batch/metadata`, async (request) => {
    const { paths = [] } = (request.body ?? {}) as { paths?: { path?: string }[] };
    return artifactsOf(request).begin(paths.map(({ path }) => path ?? ""));
  });
}

/** The workspace of a request, by its path. @throws ArmError when it is not there */
function workspaceOf(cloud: Cloud, request: FastifyRequest): string {
  const { subscription, group, workspace } = request.params as Params;
  const id = `/subscriptions/${subscription}/resourceGroups/${group}/providers/Microsoft.MachineLearningServices/workspaces/${workspace}`;
  const record = cloud.resources.get(id);
  if (!record) throw new ArmError(404, "ResourceNotFound", `The workspace '${workspace}' was not found.`);
  return record.id;
}
