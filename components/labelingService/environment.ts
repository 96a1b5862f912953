import type * as pulumi from "@pulumi/pulumi";
import { ManagedEnvironment } from "@pulumi/azure-native/app/managedEnvironment";
import { DiagnosticSetting } from "@pulumi/azure-native/monitor/diagnosticSetting";
import type { PrivateNetwork } from "../privateNetwork";

export interface EnvironmentArgs {
  resourceGroupName: pulumi.Input<string>;
  location: pulumi.Input<string>;
  environmentName: pulumi.Input<string>;
  network: PrivateNetwork;
  /** Whether the containers are reached in the network alone. */
  isPrivate: boolean;
  /** ARM id of the Log Analytics workspace of the containers' output. */
  logAnalyticsId: pulumi.Input<string>;
}

/** Where the containers run: a subnet of the network, and logs that go by identity, not by the workspace's key. */
export function declareEnvironment(
  name: string,
  { network, isPrivate, logAnalyticsId, ...args }: EnvironmentArgs,
  parent: pulumi.Resource,
): { environment: ManagedEnvironment; ready: pulumi.Resource[] } {
  const environment = new ManagedEnvironment(
    `${name}-environment`,
    {
      ...args,
      appLogsConfiguration: { destination: "azure-monitor" },
      vnetConfiguration: { infrastructureSubnetId: network.appsSubnetId, internal: isPrivate },
      workloadProfiles: [{ name: "Consumption", workloadProfileType: "Consumption" }],
    },
    { parent },
  );
  const logs = new DiagnosticSetting(
    `${name}-logs`,
    {
      resourceUri: environment.id,
      name: "log-analytics",
      workspaceId: logAnalyticsId,
      logs: [{ categoryGroup: "allLogs", enabled: true }],
    },
    { parent },
  );
  const names = isPrivate ? [network.resolveAll(`${name}-apps`, environment.defaultDomain, environment.staticIp)] : [];
  return { environment, ready: [logs, ...names] };
}
