import { UserError } from "../../lib/errors";
import { parseImageKeys, type ImageKeys } from "../../lib/labeling/signedPath";

export interface GatewaySettings {
  host: string;
  port: number;
  keys: ImageKeys;
  /** Origins whose pages may read images; Label Studio's. */
  origins: readonly string[];
  /** Address of an account's blobs, with `{account}` in place of its name. */
  blobEndpoint: string;
  /** `ACCOUNT/CONTAINER` of those that are served; undefined serves whatever is signed. */
  containers?: readonly string[];
}

const publicBlobs = "https://{account}.blob.core.windows.net";

/**
 * The gateway's settings: LABELING_IMAGES_PORT, _HOST, _KEYS, _ORIGINS, _CONTAINERS (lists with commas), and _BLOB_ENDPOINT for
 * another cloud than public Azure.
 * @throws UserError naming the variable
 */
export function readSettings(environment: NodeJS.ProcessEnv): GatewaySettings {
  const value = (name: string) => environment[`LABELING_IMAGES_${name}`] || undefined;
  const list = (name: string) =>
    value(name)
      ?.split(",")
      .map((entry) => entry.trim())
      .filter(Boolean);
  const port = Number(value("PORT") ?? 8080);
  if (!Number.isInteger(port) || port < 0 || port > 65_535)
    throw new UserError(`LABELING_IMAGES_PORT is "${value("PORT")}"; a port from 0 to 65535 is wanted.`);
  const blobEndpoint = value("BLOB_ENDPOINT") ?? publicBlobs;
  if (!/^https:\/\/.*\{account\}/.test(blobEndpoint))
    throw new UserError(
      `LABELING_IMAGES_BLOB_ENDPOINT is "${blobEndpoint}"; an https address with {account} is wanted, such as ${publicBlobs}.`,
    );
  const keys = value("KEYS");
  if (!keys) throw new UserError("LABELING_IMAGES_KEYS is not set: ID:KEY by which the addresses are signed.");
  return {
    host: value("HOST") ?? "0.0.0.0",
    port,
    keys: parseImageKeys(keys),
    origins: list("ORIGINS") ?? [],
    blobEndpoint: blobEndpoint.replace(/\/$/, ""),
    containers: list("CONTAINERS"),
  };
}
