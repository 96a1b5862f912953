import type { FastifyInstance, FastifyReply } from "fastify";
import { ArmError, type Cloud, type ResourceRecord } from "../contracts";
import type { Operation, Operations } from "./operations";

/** What an answer of ARM tells a poller to wait: short, since little here takes long. */
export const retryHeaders = { "retry-after": "1", "retry-after-ms": "200" };

type Kind = "operationsStatus" | "operationResults";

/** Where pollers of Azure-AsyncOperation and Location ask. */
export class OperationAnswers {
  constructor(
    private readonly cloud: Cloud,
    private readonly operations: Operations,
  ) {}

  register(server: FastifyInstance): void {
    const operations = "/subscriptions/:subscription/providers/:namespace/locations/:location";
    server.get<{ Params: { id: string } }>(`${operations}/operationsStatus/:id`, async (request, reply) =>
      this.status(request.params.id, reply),
    );
    server.get<{ Params: { id: string } }>(`${operations}/operationResults/:id`, async (request, reply) =>
      this.result(request.params.id, reply),
    );
  }

  url({ id }: Operation, record: ResourceRecord, apiVersion: string, kind: Kind = "operationsStatus"): string {
    const { url, subscriptionId, location } = this.cloud;
    const namespace = record.type.split("/")[0];
    return `${url}/subscriptions/${subscriptionId}/providers/${namespace}/locations/${location}/${kind}/${id}?api-version=${apiVersion}`;
  }

  private status(id: string, reply: FastifyReply): unknown {
    const { status, startTime, endTime, error } = this.find(id);
    if (status === "InProgress") void reply.headers(retryHeaders);
    return { id, name: id, status, startTime, endTime, error };
  }

  /** 202 until the operation is over. */
  private result(id: string, reply: FastifyReply): unknown {
    const { status, error } = this.find(id);
    if (status === "InProgress") return reply.status(202).headers(retryHeaders).send();
    if (status === "Failed") throw new ArmError(400, error?.code ?? "OperationFailed", error?.message ?? "It failed.");
    return reply.status(204).send();
  }

  private find(id: string): Operation {
    const operation = this.operations.get(id);
    if (!operation) throw new ArmError(404, "OperationNotFound", `There is no operation '${id}'.`);
    return operation;
  }
}
