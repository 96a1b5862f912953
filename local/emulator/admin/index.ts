import type { FastifyInstance } from "fastify";
import type { BlobProcess } from "../blobProcess";
import type { Cloud, CloudService, Disturbances } from "../contracts";
import { FaultList } from "./faults";
import { interceptFaults } from "./interception";
import { adminRoutes } from "./routes";

/** Opens the admin endpoint of a cloud, and lets its requests go wrong as that says. */
export function openAdmin(
  server: FastifyInstance,
  cloud: Cloud,
  services: readonly CloudService[],
  blobProcess: BlobProcess,
): void {
  const faults = new FaultList();
  blobProcess.onFault((id) => faults.count(id));
  const shareFaults = () => blobProcess.setFaults(faults.list().filter(({ match }) => match.service === "blobs"));
  const disturb = Object.assign({}, ...services.map((service) => service.disturbances?.(cloud))) as Disturbances;
  adminRoutes(server, { clock: cloud.clock, faults, shareFaults }, disturb);
  interceptFaults(
    server.server,
    // The way to end a fault is not barred by it.
    ({ method = "", url = "" }) => (url.startsWith("/local/") ? undefined : faults.take("cloud", method, url)?.fault),
    (response, { status, code = "InjectedFault", message = "Made by the admin endpoint of the local cloud." }) => {
      response.writeHead(status, { "content-type": "application/json", "x-ms-error-code": code });
      response.end(JSON.stringify({ error: { code, message } }));
    },
  );
}
