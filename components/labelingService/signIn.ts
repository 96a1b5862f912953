import * as pulumi from "@pulumi/pulumi";
import type { ContainerApp } from "@pulumi/azure-native/app/containerApp";
import { ContainerAppsAuthConfig } from "@pulumi/azure-native/app/containerAppsAuthConfig";
import { discoverCloud } from "../../lib/azure/cloud";
import { clientSecretName } from "./studio";

export interface SignInArgs {
  resourceGroupName: pulumi.Input<string>;
  app: ContainerApp;
  /** Application of Entra ID. */
  clientId: string;
  tenantId: pulumi.Input<string>;
}

/** Nobody reaches the container app without having signed in to Entra ID; no path is left out, the API's neither. */
export function declareSignIn(
  name: string,
  { resourceGroupName, app, clientId, tenantId }: SignInArgs,
  opts: pulumi.CustomResourceOptions,
): ContainerAppsAuthConfig {
  const login = pulumi.output(discoverCloud()).login;
  return new ContainerAppsAuthConfig(
    name,
    {
      resourceGroupName,
      containerAppName: app.name,
      authConfigName: "current",
      platform: { enabled: true },
      httpSettings: { requireHttps: true },
      globalValidation: {
        unauthenticatedClientAction: "RedirectToLoginPage",
        redirectToProvider: "azureactivedirectory",
      },
      identityProviders: {
        azureActiveDirectory: {
          enabled: true,
          registration: {
            clientId,
            clientSecretSettingName: clientSecretName,
            openIdIssuer: pulumi.interpolate`${login}/${tenantId}/v2.0`,
          },
          validation: { allowedAudiences: [clientId, `api://${clientId}`] },
        },
      },
      login: { preserveUrlFragmentsForLogins: true },
    },
    opts,
  );
}
