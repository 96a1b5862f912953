import { ArmError, type Cloud, type Disturbances, type ResourceRecord } from "../contracts";
import { Deployment } from "./deployment";

/** The deployments that serve, or are about to. */
export class Servers {
  private readonly servers = new Map<string, Deployment>();

  /** The one of a deployment's id; after a restart of the cloud its replicas may still be starting. */
  get(id: string): Deployment | undefined {
    return this.servers.get(id.toLowerCase());
  }

  /** What serves under the id goes on until the new one does. @throws ArmError when the model cannot be loaded */
  async replace(record: ResourceRecord, cloud: Cloud): Promise<void> {
    const next = await Deployment.start(record, cloud);
    this.stop(record.id);
    this.servers.set(record.id.toLowerCase(), next);
  }

  /** Begins with what served before a restart, without waiting for it. */
  begin(record: ResourceRecord, cloud: Cloud): void {
    this.servers.set(record.id.toLowerCase(), Deployment.resume(record, cloud));
  }

  stop(id: string): void {
    this.get(id)?.stop();
    this.servers.delete(id.toLowerCase());
  }

  stopAll(): void {
    for (const id of [...this.servers.keys()]) this.stop(id);
  }
}

type Endpoints = () => readonly ResourceRecord[];

/** @throws ArmError 404 for one that does not serve */
function deploymentOf(servers: Servers, endpointsOf: Endpoints, endpoint: string, deployment: string): Deployment {
  const record = endpointsOf().find(({ name }) => name.toLowerCase() === endpoint.toLowerCase());
  const found = record && servers.get(`${record.id}/deployments/${deployment}`);
  if (!found)
    throw new ArmError(404, "NotFound", `Endpoint '${endpoint}' has no deployment '${deployment}' that serves.`);
  return found;
}

/** Kills a replica of a deployment, for a test. */
export function killReplica(servers: Servers, endpointsOf: Endpoints): Disturbances["killReplica"] {
  return async (endpoint, deployment, replica) => {
    const pid = deploymentOf(servers, endpointsOf, endpoint, deployment).kill(replica);
    if (pid === undefined)
      throw new ArmError(
        404,
        "NotFound",
        `Deployment '${deployment}' of '${endpoint}' has no replica ${replica} that is ready.`,
      );
    return { pid };
  };
}

/** Makes a deployment fail or slow down, or, with neither, well again; for a test. */
export function disturbDeployment(servers: Servers, endpointsOf: Endpoints): Disturbances["disturbDeployment"] {
  return async (endpoint, deployment, how) => {
    const isWell = how.status === undefined && how.slowMs === undefined;
    deploymentOf(servers, endpointsOf, endpoint, deployment).disturbed = isWell ? undefined : how;
    return how;
  };
}
