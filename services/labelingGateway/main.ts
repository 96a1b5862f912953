import type { ContainerClient } from "@azure/storage-blob";
import type { AddressInfo } from "node:net";
import { azureCredential } from "../../lib/azure/credential";
import { sdk } from "../../lib/azure/sdk";
import { UserError } from "../../lib/errors";
import { createGateway } from "./gateway";
import { readSettings } from "./settings";

/** The process of the image gateway; its settings come from the environment. */
function main(): void {
  const settings = readSettings(process.env);
  const containers = new Map<string, ContainerClient>();
  const server = createGateway(settings, (account, container) => {
    const url = `${settings.blobEndpoint.replace("{account}", account)}/${container}`;
    let client = containers.get(url);
    if (!client) containers.set(url, (client = new sdk.blobs.ContainerClient(url, azureCredential())));
    return client;
  });
  server.on("error", (error: NodeJS.ErrnoException) => {
    console.error(`The image gateway cannot listen on ${settings.host}:${settings.port}: ${error.code}.`);
    process.exit(1);
  });
  server.listen(settings.port, settings.host, () => {
    const { address, port } = server.address() as AddressInfo;
    console.log(`images are served at http://${address}:${port}`);
  });
  for (const signal of ["SIGTERM", "SIGINT"] as const)
    process.once(signal, () => {
      server.close(() => process.exit(0));
      server.closeAllConnections();
    });
}

try {
  main();
} catch (error) {
  console.error(error instanceof UserError ? error.message : error);
  process.exit(1);
}
