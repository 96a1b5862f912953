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

/** Kills a replica of a deployment, for a test. */
export function killReplica(
  servers: Servers,
  endpointsOf: () => readonly ResourceRecord[],
): Disturbances["killReplica"] {
  return async (endpoint, deployment, replica) => {
    const record = endpointsOf().find(({ name }) => name.toLowerCase() === endpoint.toLowerCase());
    const pid = record && servers.get(`${record.id}/deployments/${deployment}`)?.kill(replica);
    if (pid === undefined)
      throw new ArmError(
        404,
        "NotFound",
        `Deployment '${deployment}' of '${endpoint}' has no replica ${replica} that is ready.`,
      );
    return { pid };
  };
}
