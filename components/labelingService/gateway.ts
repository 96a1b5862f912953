import * as pulumi from "@pulumi/pulumi";
import type { ContainerApp } from "@pulumi/azure-native/app/containerApp";
import { stableSuffix } from "../../lib/naming";
import { gatewayBundle } from "../../services/labelingGateway/bundle";
import type { ImageStorage } from "../imageStorage";
import { grant } from "../roles";
import { declareWebContainer, port, type ContainerOptions, type ContainerPlace } from "./containers";
import { declareIdentity, type VaultSecret } from "./secrets";

export interface GatewayArgs extends ContainerPlace {
  identityName: pulumi.Input<string>;
  /** Image of Node.js, into which the gateway's one file is mounted. */
  image: string;
  /** Address of Label Studio, whose pages alone show the images. */
  studioUrl: pulumi.Input<string>;
  storage: ImageStorage;
  /** Container of the images, the only one that it reads. */
  container: pulumi.Input<string>;
  imageKeys: VaultSecret;
}

const folder = "/gateway";
const file = "gateway.cjs";
/** Nobody labels at night, and the first image waits for some seconds then. */
const replicas = { least: 0, most: 3 };

/** The gateway of the images, without a sign-in of its own: it gives out what is signed. */
export function declareGateway(
  name: string,
  { identityName, studioUrl, storage, container, imageKeys, ...args }: GatewayArgs,
  opts: ContainerOptions,
): ContainerApp {
  const child = { parent: opts.parent };
  const { resourceGroupName, location } = args;
  const vaultSecrets = { "image-keys": imageKeys };
  const identity = declareIdentity(
    name,
    { resourceGroupName, location, resourceName: identityName },
    vaultSecrets,
    child,
  );
  const mayRead = grant(
    `${name}-images-role`,
    "blobReader",
    pulumi.interpolate`${storage.id}/blobServices/default/containers/${container}`,
    { principalId: identity.principalId, principalType: "ServicePrincipal" },
    child,
  );
  const code = gatewayBundle();
  return declareWebContainer(
    name,
    {
      ...args,
      identity,
      vaultSecrets,
      files: { folder, contents: { [file]: code } },
      command: ["node", `${folder}/${file}`],
      cores: 0.5,
      replicas,
      variables: {
        AZURE_CLIENT_ID: identity.clientId,
        LABELING_IMAGES_PORT: String(port),
        LABELING_IMAGES_ORIGINS: studioUrl,
        LABELING_IMAGES_CONTAINERS: pulumi.interpolate`${storage.accountName}/${container}`,
        LABELING_IMAGES_BLOB_ENDPOINT: pulumi
          .all([storage.blobEndpoint, storage.accountName])
          .apply(([endpoint, account]) => endpoint.replace(account, "{account}")),
        // A mounted file that changes starts nothing anew, and this does.
        GATEWAY_VERSION: stableSuffix(code),
      },
      secretVariables: { LABELING_IMAGES_KEYS: "image-keys" },
    },
    { ...opts, dependsOn: [...opts.dependsOn, mayRead] },
  );
}
