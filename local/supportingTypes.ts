import type { ResourceType } from "./resourceTypes";

const group = "/subscriptions/{subscriptionId}/resourceGroups/{resourceGroupName}";
const account = `${group}/providers/Microsoft.Storage/storageAccounts/{accountName}`;
const workspace = `${group}/providers/Microsoft.MachineLearningServices/workspaces/{workspaceName}`;
const network = `${group}/providers/Microsoft.Network/virtualNetworks/{virtualNetworkName}`;
const endpoint = `${group}/providers/Microsoft.Network/privateEndpoints/{privateEndpointName}`;
const zone = `${group}/providers/Microsoft.Network/privateDnsZones/{privateZoneName}`;
const database = `${group}/providers/Microsoft.DBforPostgreSQL/flexibleServers/{serverName}`;

const tracked = ["location", "tags"];
const identified = [...tracked, "identity"];
const fixedLocation = ["location"];

/**
 * Types of what stands around the flow in a production subscription: networks, alerts, budgets, policies, registries, web
 * applications and their databases. The local cloud keeps them as records whose bodies it checks; nothing runs behind them.
 */
export const supportingTypes: readonly ResourceType[] = [
  {
    token: "azure-native:network:VirtualNetwork",
    path: network,
    apiVersion: "2024-05-01",
    envelope: [...tracked, "extendedLocation", "id"],
    replaceOn: fixedLocation,
    subResources: ["subnets", "virtualNetworkPeerings"],
  },
  {
    token: "azure-native:network:Subnet",
    noPatch: true,
    path: `${network}/subnets/{subnetName}`,
    apiVersion: "2024-05-01",
    envelope: ["id", "name", "type"],
  },
  {
    token: "azure-native:network:NetworkSecurityGroup",
    path: `${group}/providers/Microsoft.Network/networkSecurityGroups/{networkSecurityGroupName}`,
    apiVersion: "2024-05-01",
    envelope: [...tracked, "id"],
    replaceOn: fixedLocation,
    subResources: ["securityRules"],
  },
  {
    token: "azure-native:network:PrivateEndpoint",
    noPatch: true,
    path: endpoint,
    apiVersion: "2024-05-01",
    envelope: [...tracked, "extendedLocation", "id"],
    replaceOn: fixedLocation,
  },
  {
    token: "azure-native:network:PrivateDnsZoneGroup",
    noPatch: true,
    path: `${endpoint}/privateDnsZoneGroups/{privateDnsZoneGroupName}`,
    apiVersion: "2024-05-01",
    envelope: ["id", "name"],
  },
  {
    token: "azure-native:privatedns:PrivateZone",
    path: zone,
    apiVersion: "2024-06-01",
    envelope: tracked,
    replaceOn: fixedLocation,
    location: "global",
  },
  {
    token: "azure-native:privatedns:VirtualNetworkLink",
    path: `${zone}/virtualNetworkLinks/{virtualNetworkLinkName}`,
    apiVersion: "2024-06-01",
    envelope: tracked,
    replaceOn: [...fixedLocation, "virtualNetwork"],
    location: "global",
  },
  {
    token: "azure-native:privatedns:PrivateRecordSet",
    noPatch: true,
    path: `${zone}/A/{relativeRecordSetName}`,
    typeArguments: { recordType: "A" },
    apiVersion: "2024-06-01",
    envelope: ["etag"],
  },
  {
    token: "azure-native:monitor:DiagnosticSetting",
    noPatch: true,
    path: "/{resourceUri}/providers/Microsoft.Insights/diagnosticSettings/{name}",
    apiVersion: "2021-05-01-preview",
  },
  {
    token: "azure-native:monitor:ActionGroup",
    path: `${group}/providers/Microsoft.Insights/actionGroups/{actionGroupName}`,
    apiVersion: "2024-10-01-preview",
    envelope: identified,
    replaceOn: fixedLocation,
    location: "global",
  },
  {
    token: "azure-native:monitor:MetricAlert",
    path: `${group}/providers/Microsoft.Insights/metricAlerts/{ruleName}`,
    apiVersion: "2018-03-01",
    envelope: tracked,
    replaceOn: fixedLocation,
    location: "global",
    wireNames: { "criteria.odataType": "odata.type" },
  },
  {
    token: "azure-native:monitor:ScheduledQueryRule",
    path: `${group}/providers/Microsoft.Insights/scheduledQueryRules/{ruleName}`,
    apiVersion: "2025-01-01-preview",
    envelope: [...identified, "kind"],
    replaceOn: fixedLocation,
  },
  {
    token: "azure-native:consumption:Budget",
    noPatch: true,
    path: "/{scope}/providers/Microsoft.Consumption/budgets/{budgetName}",
    apiVersion: "2024-08-01",
    envelope: ["eTag"],
  },
  {
    token: "azure-native:authorization:PolicyAssignment",
    path: "/{scope}/providers/Microsoft.Authorization/policyAssignments/{policyAssignmentName}",
    apiVersion: "2025-01-01",
    envelope: ["location", "identity"],
    replaceOn: fixedLocation,
    location: "optional",
  },
  {
    token: "azure-native:authorization:PolicyExemption",
    path: "/{scope}/providers/Microsoft.Authorization/policyExemptions/{policyExemptionName}",
    apiVersion: "2022-07-01-preview",
  },
  {
    token: "azure-native:authorization:PolicyDefinition",
    noPatch: true,
    path: "/subscriptions/{subscriptionId}/providers/Microsoft.Authorization/policyDefinitions/{policyDefinitionName}",
    apiVersion: "2025-01-01",
  },
  {
    token: "azure-native:authorization:PolicySetDefinition",
    noPatch: true,
    path: "/subscriptions/{subscriptionId}/providers/Microsoft.Authorization/policySetDefinitions/{policySetDefinitionName}",
    apiVersion: "2025-01-01",
  },
  {
    token: "azure-native:containerregistry:Registry",
    path: `${group}/providers/Microsoft.ContainerRegistry/registries/{registryName}`,
    apiVersion: "2023-01-01-preview",
    envelope: [...identified, "sku"],
    replaceOn: fixedLocation,
    wireNames: { "networkRuleSet.ipRules.iPAddressOrRange": "value" },
  },
  {
    token: "azure-native:app:ManagedEnvironment",
    path: `${group}/providers/Microsoft.App/managedEnvironments/{environmentName}`,
    apiVersion: "2025-02-02-preview",
    envelope: [...identified, "kind"],
    replaceOn: [...fixedLocation, "vnetConfiguration.infrastructureSubnetId", "vnetConfiguration.internal"],
  },
  {
    token: "azure-native:app:ContainerApp",
    path: `${group}/providers/Microsoft.App/containerApps/{containerAppName}`,
    apiVersion: "2025-02-02-preview",
    envelope: [...identified, "extendedLocation", "managedBy", "kind"],
    replaceOn: fixedLocation,
  },
  {
    token: "azure-native:app:ContainerAppsAuthConfig",
    noPatch: true,
    path: `${group}/providers/Microsoft.App/containerApps/{containerAppName}/authConfigs/{authConfigName}`,
    apiVersion: "2025-02-02-preview",
  },
  {
    token: "azure-native:dbforpostgresql:Server",
    path: database,
    apiVersion: "2025-08-01",
    envelope: [...identified, "sku"],
    replaceOn: [...fixedLocation, "administratorLogin", "network.delegatedSubnetResourceId"],
  },
  {
    token: "azure-native:dbforpostgresql:Database",
    noPatch: true,
    path: `${database}/databases/{databaseName}`,
    apiVersion: "2025-08-01",
    replaceOn: ["charset", "collation"],
  },
  {
    token: "azure-native:dbforpostgresql:FirewallRule",
    noPatch: true,
    path: `${database}/firewallRules/{firewallRuleName}`,
    apiVersion: "2025-08-01",
  },
  {
    token: "azure-native:dbforpostgresql:Configuration",
    path: `${database}/configurations/{configurationName}`,
    apiVersion: "2025-08-01",
    singleton: true,
  },
  {
    token: "azure-native:managedidentity:FederatedIdentityCredential",
    noPatch: true,
    path: `${group}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/{resourceName}/federatedIdentityCredentials/{federatedIdentityCredentialResourceName}`,
    apiVersion: "2023-01-31",
  },
  {
    token: "azure-native:storage:ManagementPolicy",
    noPatch: true,
    path: `${account}/managementPolicies/{managementPolicyName}`,
    apiVersion: "2024-01-01",
  },
  {
    token: "azure-native:machinelearningservices:ManagedNetworkSettingsRule",
    noPatch: true,
    path: `${workspace}/outboundRules/{ruleName}`,
    apiVersion: "2025-12-01",
    propertiesArgument: "properties",
  },
];
