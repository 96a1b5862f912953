import * as pulumi from "@pulumi/pulumi";
import type { ServiceAccess } from "../lib/labeling/connection";
import type { HostConfig } from "../lib/labeling/hostConfig";
import type { ResourceNames } from "../lib/naming";
import type { SecretForm } from "../lib/secretForms";
import type { ImageStorage } from "./imageStorage";
import { declareDatabase } from "./labelingService/database";
import { declareEnvironment } from "./labelingService/environment";
import { declareGateway } from "./labelingService/gateway";
import { declareSecret, existingSecret } from "./labelingService/secrets";
import { declareSignIn } from "./labelingService/signIn";
import { declareStudio } from "./labelingService/studio";
import { PrivateNetwork, type PrivateNetworkArgs } from "./privateNetwork";

type Names = Pick<
  ResourceNames,
  | "workspace"
  | "labelingNetwork"
  | "containerEnvironment"
  | "labelStudio"
  | "labelStudioIdentity"
  | "imageGateway"
  | "imageGatewayIdentity"
  | "labelingDatabase"
>;

export interface LabelingServiceArgs extends HostConfig {
  resourceGroupName: pulumi.Input<string>;
  location: pulumi.Input<string>;
  names: { [Name in keyof Names]: pulumi.Input<string> };
  tenantId: pulumi.Input<string>;
  /** The stack's network, where it has one: people and the deployment reach Label Studio in it alone then. */
  network?: PrivateNetwork;
  /** Of the network that is made for the database where the stack has none. */
  ownNetwork: Pick<PrivateNetworkArgs, "addressSpace" | "dnsZones">;
  storage: ImageStorage;
  /** Container of the images. */
  container: pulumi.Input<string>;
  /** ARM id of the vault of Label Studio's secrets. */
  vaultId: pulumi.Input<string>;
  logAnalyticsId: pulumi.Input<string>;
  /** Whether Pulumi refuses to delete the database. */
  protect: boolean;
}

/**
 * Label Studio for one labeling project, as a container app behind the sign-in of Entra ID, with its database and the gateway
 * of its images. The open edition has no roles per project, so no two projects share one.
 */
export class LabelingService extends pulumi.ComponentResource {
  /** Addresses of Label Studio and of the image gateway. */
  readonly url: pulumi.Output<string>;
  readonly imagesUrl: pulumi.Output<string>;
  /** A secret. */
  readonly access: pulumi.Output<ServiceAccess>;
  /** ARM id. */
  readonly databaseId: pulumi.Output<string>;

  constructor(name: string, args: LabelingServiceArgs, opts?: pulumi.ComponentResourceOptions) {
    super("objectdetection:index:LabelingService", name, {}, opts);
    const { resourceGroupName, location, names, storage, entra, vaultId } = args;
    const place = { resourceGroupName, location };
    const child = { parent: this };

    const network =
      args.network ??
      new PrivateNetwork(
        `${name}-network`,
        {
          ...place,
          ...args.ownNetwork,
          endpointsName: pulumi.interpolate`${names.workspace}-labels`,
          networkName: names.labelingNetwork,
          apps: { addressSpace: args.addressSpace },
        },
        child,
      );
    const secret = (part: string, form: SecretForm) =>
      declareSecret(`${name}-${part}`, form, { vaultId, secretName: `labeling-${part}` }, child);
    const secrets = {
      "database-password": secret("database-password", "password"),
      "administrator-password": secret("administrator-password", "password"),
      "api-token": secret("api-token", "token"),
      "session-key": secret("session-key", "password"),
    };
    const imageKeys = secret("image-keys", "imageKey");

    const database = declareDatabase(
      name,
      {
        ...place,
        serverName: names.labelingDatabase,
        network,
        settings: args.database,
        password: secrets["database-password"].value,
        protect: args.protect,
      },
      this,
    );
    const { environment, ready } = declareEnvironment(
      name,
      {
        ...place,
        environmentName: names.containerEnvironment,
        network,
        isPrivate: args.network !== undefined,
        logAnalyticsId: args.logAnalyticsId,
      },
      this,
    );
    // A container app's name in its environment, so that each can be told the other's before that is there.
    this.url = pulumi.interpolate`https://${names.labelStudio}.${environment.defaultDomain}`;
    this.imagesUrl = pulumi.interpolate`https://${names.imageGateway}.${environment.defaultDomain}`;

    const containers = { ...place, environment };
    const studio = declareStudio(
      `${name}-studio`,
      {
        ...containers,
        containerAppName: names.labelStudio,
        identityName: names.labelStudioIdentity,
        image: args.image,
        cores: args.cores,
        maxReplicas: args.maxReplicas,
        url: this.url,
        databaseHost: database.host,
        secrets,
        clientSecret: existingSecret(`${name}-client`, entra.clientSecretId, child),
      },
      { ...child, dependsOn: [...database.ready, ...ready] },
    );
    const signIn = declareSignIn(
      `${name}-sign-in`,
      { resourceGroupName, app: studio, clientId: entra.clientId, tenantId: args.tenantId },
      child,
    );
    const gateway = declareGateway(
      `${name}-gateway`,
      {
        ...containers,
        containerAppName: names.imageGateway,
        identityName: names.imageGatewayIdentity,
        image: args.gatewayImage,
        studioUrl: this.url,
        storage,
        container: args.container,
        imageKeys,
      },
      { ...child, dependsOn: ready },
    );

    this.databaseId = database.id;
    // Known once all of it is there, so that who uses it waits for that.
    this.access = pulumi.secret(
      pulumi
        .all([secrets["api-token"].value, imageKeys.value, signIn.id, gateway.id])
        .apply(([token, keys]) => ({ token, imageKeys: keys, clientId: entra.clientId })),
    );
    this.registerOutputs({ url: this.url, imagesUrl: this.imagesUrl, databaseId: this.databaseId });
  }
}
