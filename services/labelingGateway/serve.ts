import type { AddressInfo } from "node:net";
import { UserError } from "../../lib/errors";
import { blobsAt } from "./blobs";
import { cachedToken, type Token } from "./cachedToken";
import { createGateway } from "./gateway";
import { readSettings } from "./settings";

/**
 * The process of the image gateway; its settings come from the environment.
 * @param askToken for a token of Entra ID for blobs
 */
export function serve(askToken: () => Promise<Token>): void {
  try {
    listen(cachedToken(askToken));
  } catch (error) {
    console.error(error instanceof UserError ? error.message : error);
    process.exit(1);
  }
}

function listen(token: () => Promise<string>): void {
  const settings = readSettings(process.env);
  const server = createGateway(settings, blobsAt(settings.blobEndpoint, token));
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
