import type { FastifyInstance, FastifyReply } from "fastify";
import { ArmError, type Cloud, type ResourceRecord } from "../contracts";
import type { Operation, Operations } from "./operations";
import { checkSubscription } from "./subscription";

/** What an answer of ARM tells a poller to wait: short, since little here takes long. */
export const retryHeaders = { "retry-after": "1", "retry-after-ms": "200" };

type Kind = "operationsStatus" | "operationResults";

/** What the path of a poller names. */
interface Place {
  subscription: string;
  namespace: string;
  location: string;
  id: string;
}

/** Where pollers of Azure-AsyncOperation and Location ask. */
export class OperationAnswers {
  constructor(
    private readonly cloud: Cloud,
    private readonly operations: Operations,
  ) {}

  register(server: FastifyInstance): void {
    const operations = "/subscriptions/:subscription/providers/:namespace/locations/:location";
    server.get<{ Params: Place }>(`${operations}/operationsStatus/:id`, async ({ params }, reply) =>
      this.status(this.find(params), reply),
    );
    server.get<{ Params: Place }>(`${operations}/operationResults/:id`, async ({ params }, reply) =>
      this.result(this.find(params), reply),
    );
  }

  url({ id }: Operation, record: ResourceRecord, apiVersion: string, kind: Kind = "operationsStatus"): string {
    const { url, subscriptionId, location } = this.cloud;
    const namespace = record.type.split("/")[0];
    return `${url}/subscriptions/${subscriptionId}/providers/${namespace}/locations/${location}/${kind}/${id}?api-version=${apiVersion}`;
  }

  private status({ id, status, startTime, endTime, error }: Operation, reply: FastifyReply): unknown {
    if (status === "InProgress") void reply.headers(retryHeaders);
    return { id, name: id, status, startTime, endTime, error };
  }

  /** 202 until the operation is over. */
  private result({ status, error, kind, result }: Operation, reply: FastifyReply): unknown {
    if (status === "InProgress") return reply.status(202).headers(retryHeaders).send();
    if (status === "Failed") throw new ArmError(400, error?.code ?? "OperationFailed", error?.message ?? "It failed.");
    return kind === "action" ? reply.status(200).send(result) : reply.status(204).send();
  }

  private find({ subscription, namespace, location, id }: Place): Operation {
    checkSubscription(subscription, this.cloud);
    const operation = this.operations.get(id);
    const isHere =
      location.toLowerCase() === this.cloud.location &&
      operation?.resourceId.toLowerCase().includes(namespaceIn(namespace));
    if (!operation || !isHere)
      throw new ArmError(404, "OperationNotFound", `There is no operation '${id}' of '${namespace}' in '${location}'.`);
    return operation;
  }
}

/** How ids of the resources of a namespace name it; resource groups are of none. */
function namespaceIn(namespace: string): string {
  return namespace.toLowerCase() === "microsoft.resources"
    ? "/resourcegroups/"
    : `/providers/${namespace.toLowerCase()}/`;
}
