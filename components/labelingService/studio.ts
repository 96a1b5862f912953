import type * as pulumi from "@pulumi/pulumi";
import type { ContainerApp } from "@pulumi/azure-native/app/containerApp";
import { closedStudio } from "../../lib/labeling/studioEnvironment";
import { declareWebContainer, type ContainerOptions, type ContainerPlace } from "./containers";
import { databaseName, login } from "./database";
import { declareIdentity, type VaultSecret } from "./secrets";

export interface StudioArgs extends ContainerPlace {
  identityName: pulumi.Input<string>;
  image: string;
  cores: number;
  maxReplicas: number;
  /** Address at which people reach it. */
  url: pulumi.Input<string>;
  databaseHost: pulumi.Input<string>;
  secrets: Record<"database-password" | "administrator-password" | "api-token" | "session-key", VaultSecret>;
  /** Of the application that people sign in by. */
  clientSecret: VaultSecret;
}

/** Name of the container app's secret that the sign-in reads. */
export const clientSecretName = "client-secret";

/** Name of the first user, whose the API's token is. It gets no mail. */
const administrator = "admin@labeling.invalid";

/** Label Studio: https://labelstud.io/guide/start#Set-environment-variables */
export function declareStudio(
  name: string,
  { identityName, url, databaseHost, secrets, clientSecret, maxReplicas, ...args }: StudioArgs,
  opts: ContainerOptions,
): ContainerApp {
  const vaultSecrets = { ...secrets, [clientSecretName]: clientSecret };
  const { resourceGroupName, location } = args;
  const identityPlace = { resourceGroupName, location, resourceName: identityName };
  return declareWebContainer(
    name,
    {
      ...args,
      identity: declareIdentity(name, identityPlace, vaultSecrets, { parent: opts.parent }),
      vaultSecrets,
      replicas: { least: 1, most: maxReplicas },
      variables: {
        ...closedStudio,
        DJANGO_DB: "default",
        POSTGRE_HOST: databaseHost,
        POSTGRE_PORT: "5432",
        POSTGRE_USER: login,
        POSTGRE_NAME: databaseName,
        // The client library goes without encryption where it is let to.
        PGSSLMODE: "require",
        LABEL_STUDIO_HOST: url,
        CSRF_TRUSTED_ORIGINS: url,
        SESSION_COOKIE_SECURE: "1",
        CSRF_COOKIE_SECURE: "1",
        LABEL_STUDIO_USERNAME: administrator,
      },
      secretVariables: {
        POSTGRE_PASSWORD: "database-password",
        LABEL_STUDIO_PASSWORD: "administrator-password",
        LABEL_STUDIO_USER_TOKEN: "api-token",
        SECRET_KEY: "session-key",
      },
    },
    opts,
  );
}
