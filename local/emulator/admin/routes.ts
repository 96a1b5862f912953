import type { FastifyInstance } from "fastify";
import type { Disturbances } from "../contracts";
import type { LocalClock } from "../time/clock";
import type { FaultList } from "./faults";
import {
  clockRequest,
  deploymentRequest,
  failRequest,
  killRequest,
  parseRequest,
  preemptRequest,
  ruleRequest,
} from "./requests";

/** What the admin endpoint acts on. */
export interface AdminTargets {
  clock: LocalClock;
  faults: FaultList;
  /** Makes the rules known to the blob service; resolves when they are. */
  shareFaults: () => Promise<void>;
}

/**
 * Time and faults, for tests. Asks for the same token as Resource Manager does, and is there only when the cloud was started
 * with it.
 */
export function adminRoutes(server: FastifyInstance, targets: AdminTargets, disturb: Disturbances): void {
  const { clock, faults, shareFaults } = targets;
  server.get("/local/clock", async () => clock.show());
  server.put("/local/clock", async (request) => {
    await clock.change(parseRequest(clockRequest, request.body));
    return clock.show();
  });

  server.get("/local/faults", async () => ({ value: faults.list() }));
  server.post("/local/faults", async (request, reply) => {
    const rule = faults.add(parseRequest(ruleRequest, request.body));
    await shareFaults();
    return reply.status(201).send(rule);
  });
  server.delete("/local/faults", async (_request, reply) => {
    faults.clear();
    await shareFaults();
    return reply.status(204).send();
  });

  server.post("/local/preempt", async (request) => {
    const { requeue, ...target } = parseRequest(preemptRequest, request.body);
    return disturb.preempt(target, requeue);
  });
  server.post("/local/fail", async (request) => {
    const { trial, error } = parseRequest(failRequest, request.body);
    return disturb.failTrial(trial, error);
  });
  server.post("/local/kill", async (request) => {
    const { endpoint, deployment, replica } = parseRequest(killRequest, request.body);
    return disturb.killReplica(endpoint, deployment, replica);
  });
  server.post("/local/deployment", async (request) => {
    const { endpoint, deployment, ...how } = parseRequest(deploymentRequest, request.body);
    return disturb.disturbDeployment(endpoint, deployment, how);
  });
}
