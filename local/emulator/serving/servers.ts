import { setTimeout as sleep } from "node:timers/promises";
import type { Cloud, ResourceRecord } from "../contracts";
import { Deployment } from "./deployment";

const shortestPauseMs = 100;
const longestPauseMs = 10_000;

/** The deployments that serve, or are about to. */
export class Servers {
  private readonly servers = new Map<string, Promise<Deployment>>();

  /** The one of a deployment's id; it may have to be waited for after a restart of the cloud. */
  get(id: string): Promise<Deployment> | undefined {
    return this.servers.get(id.toLowerCase());
  }

  /** What serves under the id goes on until the new one does. @throws ArmError when the model cannot be loaded */
  async replace(record: ResourceRecord, cloud: Cloud): Promise<void> {
    const next = await Deployment.start(record, cloud);
    this.stop(record.id);
    this.keep(record, Promise.resolve(next), cloud);
  }

  /** Begins with what served before a restart, without waiting for it. */
  begin(record: ResourceRecord, cloud: Cloud): void {
    this.keep(record, this.untilStarted(record, cloud), cloud);
  }

  stop(id: string): void {
    const server = this.get(id);
    this.servers.delete(id.toLowerCase());
    server?.then(
      (deployment) => deployment.stop(),
      () => {},
    );
  }

  stopAll(): void {
    for (const id of [...this.servers.keys()]) this.stop(id);
  }

  /** Starts it again whenever its process ends by itself, as Kubernetes does. */
  private keep(record: ResourceRecord, server: Promise<Deployment>, cloud: Cloud): void {
    const key = record.id.toLowerCase();
    this.servers.set(key, server);
    const isWanted = () => this.servers.get(key) === server;
    server.then(
      (deployment) =>
        void deployment.ended.then((how) => {
          if (!isWanted()) return;
          cloud.log.warn({ deployment: record.id, how }, "the process of a deployment ended; starting it again");
          this.begin(record, cloud);
        }),
      (error: unknown) => {
        if (isWanted()) this.servers.delete(key);
        cloud.log.error({ err: error, deployment: record.id }, "deployment does not start again");
      },
    );
  }

  private async untilStarted(record: ResourceRecord, cloud: Cloud): Promise<Deployment> {
    for (let pauseMs = shortestPauseMs; ; pauseMs = pauseMs * 2) {
      try {
        return await Deployment.start(record, cloud);
      } catch (error) {
        if (pauseMs > longestPauseMs) throw error;
        await sleep(pauseMs);
      }
    }
  }
}
