import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { Cloud, CloudService } from "../contracts";
import { artifactRoutes, artifactUri, historyArtifactUri } from "./artifacts";
import { missing, MlflowError } from "./errors";
import { experimentRoutes } from "./experimentRoutes";
import { loggingRoutes } from "./loggingRoutes";
import { registryRoutes } from "./registry";
import type { Body } from "./requests";
import { runRoutes } from "./runRoutes";
import { RunStore, type Run } from "./runs";
import type { Tracking } from "./tracking";

type Params = { subscription: string; group: string; workspace: string };

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
  const given = (request: FastifyRequest): Body => ({ ...(request.query as Body), ...((request.body ?? {}) as Body) });
  const tracking: Tracking = {
    cloud,
    runs,
    post: (path, handle) =>
      server.post(path, async (request) => handle(workspaceOf(request), given(request), request.principal)),
    get: (path, handle) =>
      server.get(path, async (request) => handle(workspaceOf(request), given(request), request.principal)),
    artifactsOf: (workspaceId: string, { runId, experimentId }: Run) =>
      version === "v1.0"
        ? artifactUri(cloud, workspaceId, runId)
        : historyArtifactUri(cloud, workspaceId, runs.experiment(workspaceId, experimentId)?.name ?? "Default", runId),
  };
  registryRoutes(server, cloud, (request) => [workspaceOf(request), given(request)]);
  experimentRoutes(tracking);
  runRoutes(tracking);
  loggingRoutes(tracking);
}
