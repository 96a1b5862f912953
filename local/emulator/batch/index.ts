import { randomUUID } from "node:crypto";
import type { FastifyInstance, FastifyRequest } from "fastify";
import { workspaceOf } from "../arm/ids";
import { ArmError, type Cloud, type CloudService, type ResourceRecord } from "../contracts";
import { begin } from "../jobs/running";
import { locate } from "../services/assets";
import { batchBehaviours, batchDeploymentType, batchEndpointType, type BatchDeploymentBody } from "./behaviours";
import { batchTasks } from "./batchJob";
import { readInvocation } from "./invocation";

type Route = { Params: { endpoint: string; job: string; workspace: string } };

const jobType = "Microsoft.MachineLearningServices/workspaces/jobs";
/** Header by which a request chooses its deployment. */
const deploymentHeader = "azureml-model-deployment";
/** Where azure-ai-ml lists the jobs of an endpoint. */
const armPath =
  "/subscriptions/:subscription/resourceGroups/:group/providers/Microsoft.MachineLearningServices/workspaces/:workspace/batchEndpoints/:endpoint/jobs";

/** Batch endpoints: their resources, and the jobs that requests to them make. */
export const batchService: CloudService = {
  name: "batch",
  behaviours: [...batchBehaviours],
  routes(server: FastifyInstance, cloud: Cloud) {
    const path = "/batchEndpoints/:endpoint/jobs";
    server.post<Route>(path, async (request, reply) => {
      const endpoint = authorized(request, "write", cloud);
      return reply.status(202).send(await submit(endpoint, request, cloud));
    });
    for (const listing of [path, armPath])
      server.get<Route>(listing, async (request) => ({
        value: jobsOf(authorized(request, "read", cloud), cloud),
      }));
    server.get<Route>(`${path}/:job`, async (request) => {
      const endpoint = authorized(request, "read", cloud);
      const { job: wanted } = request.params;
      const job = jobsOf(endpoint, cloud).find(({ name }) => name === wanted);
      if (!job) throw new ArmError(404, "NotFound", `Endpoint '${endpoint.name}' has no job '${wanted}'.`);
      return job;
    });
  },
};

/** The endpoint of a request. @throws ArmError 404, or 403 without a right to its jobs */
function authorized(
  { params, principal }: FastifyRequest<Route>,
  verb: "read" | "write",
  cloud: Cloud,
): ResourceRecord {
  const found = cloud.resources
    .listAll(batchEndpointType)
    .find(({ name }) => name.toLowerCase() === params.endpoint.toLowerCase());
  if (!found) throw new ArmError(404, "NotFound", `There is no batch endpoint '${params.endpoint}'.`);
  cloud.access.authorize(principal, `${batchEndpointType}/jobs/${verb}`, found.id);
  return found;
}

function jobsOf({ id, name }: ResourceRecord, cloud: Cloud): ResourceRecord[] {
  return cloud.resources
    .list(workspaceOf(id), jobType)
    .filter(({ properties }) => (properties.properties as Record<string, string>)["azureml.endpointname"] === name);
}

async function submit(endpoint: ResourceRecord, request: FastifyRequest, cloud: Cloud): Promise<ResourceRecord> {
  const deployment = chosen(endpoint, request.headers[deploymentHeader], cloud);
  const name = `batchjob-${randomUUID()}`;
  const { input, output } = readInvocation(request.body, endpoint.id, name, cloud);
  const place = locate(output.uri, cloud);
  if (!place) throw new ArmError(400, "BadArgument", `'${output.uri}' is no path of a datastore.`);
  const body = deployment.properties as unknown as BatchDeploymentBody;
  const at = cloud.now().toISOString();
  const job: ResourceRecord = {
    id: `${workspaceOf(endpoint.id)}/jobs/${name}`,
    name,
    type: jobType,
    systemData: { createdAt: at, createdBy: request.principal.name, createdByType: "Application" },
    properties: {
      jobType: "Pipeline",
      displayName: name,
      experimentName: endpoint.name,
      isArchived: false,
      status: "NotStarted",
      inputs: { [input.name]: { jobInputType: input.type, uri: input.uri } },
      outputs: { [output.name]: { jobOutputType: "uri_folder", uri: output.uri } },
      tags: {},
      properties: { "azureml.endpointname": endpoint.name, "azureml.deploymentname": deployment.name },
      services: {},
      computeId: body.compute,
    },
  };
  await batchTasks(cloud).put(job.id, { deployment: body, input, output: place });
  await cloud.resources.put(job);
  begin(job, cloud);
  return job;
}

/** The deployment that the header names, or the default one. */
function chosen(endpoint: ResourceRecord, header: unknown, cloud: Cloud): ResourceRecord {
  const { deploymentName } = (endpoint.properties.defaults ?? {}) as { deploymentName?: string };
  const name = typeof header === "string" ? header : deploymentName;
  if (!name)
    throw new ArmError(
      400,
      "BadArgument",
      `Endpoint '${endpoint.name}' has no default deployment, and the request names none.`,
    );
  const found = cloud.resources
    .list(endpoint.id, batchDeploymentType)
    .find((deployment) => deployment.name.toLowerCase() === name.toLowerCase());
  if (found?.properties.provisioningState === "Succeeded") return found;
  throw new ArmError(404, "NotFound", `Deployment '${name}' not found in endpoint '${endpoint.name}'.`);
}
