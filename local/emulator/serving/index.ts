import { randomInt } from "node:crypto";
import type { FastifyInstance, FastifyReply } from "fastify";
import type { Cloud, CloudService, ResourceRecord } from "../contracts";
import { deploymentType, endpointType, servers, servingBehaviours } from "./behaviours";
import { ScoringError } from "./errors";
import { EndpointKeys } from "./keys";
import { disturbDeployment, killReplica } from "./servers";

type Route = { Params: { endpoint: string } };

/** Header by which a request chooses its deployment, whatever the traffic. */
const deploymentHeader = "azureml-model-deployment";

/** Online endpoints: their resources, and scoring. */
export const servingService: CloudService = {
  name: "serving",
  behaviours: [...servingBehaviours],
  routes: scoringRoutes,
  async start(cloud) {
    // What served before a restart serves again.
    for (const record of cloud.resources.listAll(deploymentType))
      if (record.properties.provisioningState === "Succeeded") servers.begin(record, cloud);
  },
  async stop() {
    servers.stopAll();
  },
  disturbances: (cloud) => ({
    killReplica: killReplica(servers, () => cloud.resources.listAll(endpointType)),
    disturbDeployment: disturbDeployment(servers, () => cloud.resources.listAll(endpointType)),
  }),
};

function scoringRoutes(server: FastifyInstance, cloud: Cloud): void {
  const keys = new EndpointKeys(cloud.store);
  const endpointOf = (name: string): ResourceRecord | undefined =>
    cloud.resources.listAll(endpointType).find((endpoint) => endpoint.name.toLowerCase() === name.toLowerCase());

  /** Answers undefined after having sent a refusal. */
  const authorized = async (
    name: string,
    authorization: string | undefined,
    reply: FastifyReply,
  ): Promise<ResourceRecord | undefined> => {
    const endpoint = endpointOf(name);
    if (!endpoint) {
      void reply.status(404).send({ error: { code: "NotFound", message: `There is no endpoint '${name}'.` } });
      return undefined;
    }
    const [scheme, key] = (authorization ?? "").split(" ");
    const usesKeys = String(endpoint.properties.authMode).toLowerCase() === "key";
    const accepts = (given: string) =>
      usesKeys
        ? keys.acceptsKey(endpoint.id, given)
        : keys.acceptsToken(endpoint.id, given, cloud.now().getTime() / 1000);
    if (scheme?.toLowerCase() === "bearer" && key && (await accepts(key))) return endpoint;
    void reply
      .status(401)
      .header("www-authenticate", "Bearer")
      .send({
        error: {
          code: "Unauthorized",
          message: "The endpoint's key or token is needed: Authorization: Bearer KEY",
        },
      });
    return undefined;
  };

  server.get<Route>("/endpoints/:endpoint/swagger.json", { config: { public: true } }, async (request, reply) => {
    const endpoint = await authorized(request.params.endpoint, request.headers.authorization, reply);
    return endpoint ? swagger(endpoint) : reply;
  });

  server.post<Route>("/endpoints/:endpoint/score", { config: { public: true } }, async (request, reply) => {
    const endpoint = await authorized(request.params.endpoint, request.headers.authorization, reply);
    if (!endpoint) return reply;
    const chosen = request.headers[deploymentHeader];
    const name =
      typeof chosen === "string" ? chosen : byTraffic((endpoint.properties.traffic ?? {}) as Record<string, number>);
    const deployment = name ? servers.get(`${endpoint.id}/deployments/${name}`) : undefined;
    if (!name || !deployment) {
      return reply.status(404).send({
        error: {
          code: "NotFound",
          message: name
            ? `Endpoint '${endpoint.name}' has no deployment '${name}' that serves.`
            : `No deployment of endpoint '${endpoint.name}' has traffic.`,
        },
      });
    }
    try {
      const pictures = await deployment.score(imagesOf(request.body));
      void reply.header(deploymentHeader, name);
      return pictures.map((detections) => ({
        boxes: detections.map(({ label, score, ...box }) => ({ box, label, score })),
      }));
    } catch (error) {
      if (!(error instanceof ScoringError)) throw error;
      if (error.modelStatus !== undefined)
        void reply.headers({
          "ms-azureml-model-error-statuscode": String(error.modelStatus),
          "ms-azureml-model-error-reason": "model_error",
        });
      void reply.header(deploymentHeader, name);
      if (error.status === 429 || error.status === 503) void reply.header("retry-after", "1");
      return reply.status(error.status).send({ error: { code: scoringCodes[error.status], message: error.message } });
    }
  });
}

const scoringCodes: Record<number, string> = {
  400: "BadRequest",
  408: "RequestTimeout",
  424: "ModelError",
  429: "TooManyRequests",
  502: "BadGateway",
  503: "ServiceUnavailable",
  504: "GatewayTimeout",
};

function byTraffic(traffic: Record<string, number>): string | undefined {
  let draw = randomInt(100);
  for (const [name, share] of Object.entries(traffic)) {
    if (draw < share) return name;
    draw -= share;
  }
  return undefined;
}

/** {"input_data": {"columns": ["image"], "data": ["BASE64", ...]}}; rows may be lists of one value. */
function imagesOf(body: unknown): string[] {
  const { input_data: input } = (body ?? {}) as { input_data?: { columns?: unknown; data?: unknown } };
  if (!Array.isArray(input?.columns) || input.columns.length !== 1 || input.columns[0] !== "image") {
    throw new ScoringError(400, 'input_data.columns must be ["image"].');
  }
  if (!Array.isArray(input.data) || input.data.length === 0)
    throw new ScoringError(400, "input_data.data must be a list of base64-encoded pictures.");
  return input.data.map((row: unknown, index) => {
    const value: unknown = Array.isArray(row) ? row[0] : row;
    if (typeof value !== "string" || value === "")
      throw new ScoringError(400, `input_data.data[${index}] is no base64 text.`);
    return value;
  });
}

function swagger({ name }: ResourceRecord): object {
  return {
    swagger: "2.0",
    info: { title: name, version: "1.0" },
    schemes: ["https"],
    paths: {
      "/score": {
        post: {
          consumes: ["application/json"],
          produces: ["application/json"],
          responses: { "200": { description: "Boxes of each picture" } },
        },
      },
    },
  };
}
