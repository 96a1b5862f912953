interface ArmType {
  type: string;
  /** The argument of the SDK that is its name. */
  name: string;
  /** Properties of the SDK, by the first part of Azure's name for them, where that is another one. */
  renamed?: Readonly<Record<string, string>>;
  /** Its inputs are not those of Azure: of its properties nothing can be told. */
  opaque?: true;
}

const ml = "Microsoft.MachineLearningServices/workspaces";
const account = "Microsoft.Storage/storageAccounts";
const vault = "Microsoft.KeyVault/vaults";
const aks = "Microsoft.ContainerService/managedClusters";
const postgres = "Microsoft.DBforPostgreSQL/flexibleServers";
const endpoints = "Microsoft.Network/privateEndpoints";
const zones = "Microsoft.Network/privateDnsZones";

/** What Azure names what the program declares, by Pulumi's type tokens without `azure-native:`. */
const types: Readonly<Record<string, ArmType>> = {
  "resources:ResourceGroup": { type: "Microsoft.Resources/subscriptions/resourceGroups", name: "resourceGroupName" },
  "authorization:RoleAssignment": { type: "Microsoft.Authorization/roleAssignments", name: "roleAssignmentName" },
  "authorization:ManagementLockByScope": { type: "Microsoft.Authorization/locks", name: "lockName" },
  "managedidentity:UserAssignedIdentity": {
    type: "Microsoft.ManagedIdentity/userAssignedIdentities",
    name: "resourceName",
  },
  "storage:StorageAccount": {
    type: account,
    name: "accountName",
    renamed: {
      supportsHttpsTrafficOnly: "enableHttpsTrafficOnly",
      isNfsV3Enabled: "enableNfsV3",
      networkAcls: "networkRuleSet",
    },
  },
  "storage:BlobServiceProperties": { type: `${account}/blobServices`, name: "blobServicesName" },
  "storage:BlobContainer": { type: `${account}/blobServices/containers`, name: "containerName" },
  "keyvault:Vault": { type: vault, name: "vaultName" },
  "keyvault:Secret": { type: `${vault}/secrets`, name: "secretName" },
  "operationalinsights:Workspace": { type: "Microsoft.OperationalInsights/workspaces", name: "workspaceName" },
  "applicationinsights:Component": {
    type: "Microsoft.Insights/components",
    name: "resourceName",
    renamed: { Application_Type: "applicationType", Flow_Type: "flowType", Request_Source: "requestSource" },
  },
  "machinelearningservices:Workspace": { type: ml, name: "workspaceName" },
  "machinelearningservices:Compute": { type: `${ml}/computes`, name: "computeName" },
  "machinelearningservices:Datastore": { type: `${ml}/datastores`, name: "name" },
  "machinelearningservices:LabelingJob": { type: `${ml}/labelingJobs`, name: "id" },
  "machinelearningservices:Schedule": { type: `${ml}/schedules`, name: "name" },
  "machinelearningservices:ManagedNetworkSettingsRule": { type: `${ml}/outboundRules`, name: "ruleName" },
  "machinelearningservices:OnlineEndpoint": { type: `${ml}/onlineEndpoints`, name: "endpointName" },
  "machinelearningservices:BatchEndpoint": { type: `${ml}/batchEndpoints`, name: "endpointName" },
  "containerservice:ManagedCluster": { type: aks, name: "resourceName" },
  "containerservice:TrustedAccessRoleBinding": {
    type: `${aks}/trustedAccessRoleBindings`,
    name: "trustedAccessRoleBindingName",
  },
  "kubernetesconfiguration:Extension": {
    type: "Microsoft.KubernetesConfiguration/extensions",
    name: "extensionName",
  },
  "network:VirtualNetwork": { type: "Microsoft.Network/virtualNetworks", name: "virtualNetworkName" },
  "network:PrivateEndpoint": { type: endpoints, name: "privateEndpointName" },
  "network:PrivateDnsZoneGroup": { type: `${endpoints}/privateDnsZoneGroups`, name: "privateDnsZoneGroupName" },
  "privatedns:PrivateZone": { type: zones, name: "privateZoneName" },
  "privatedns:VirtualNetworkLink": { type: `${zones}/virtualNetworkLinks`, name: "virtualNetworkLinkName" },
  "privatedns:PrivateRecordSet": { type: `${zones}/A`, name: "relativeRecordSetName" },
  "monitor:DiagnosticSetting": { type: "Microsoft.Insights/diagnosticSettings", name: "name" },
  "monitor:ActionGroup": { type: "Microsoft.Insights/actionGroups", name: "actionGroupName" },
  "monitor:MetricAlert": { type: "Microsoft.Insights/metricAlerts", name: "ruleName" },
  "consumption:Budget": { type: "Microsoft.Consumption/budgets", name: "budgetName" },
  "containerregistry:Registry": {
    type: "Microsoft.ContainerRegistry/registries",
    name: "registryName",
  },
  "app:ManagedEnvironment": { type: "Microsoft.App/managedEnvironments", name: "environmentName" },
  "app:ContainerApp": { type: "Microsoft.App/containerApps", name: "containerAppName" },
  "app:ContainerAppsAuthConfig": { type: "Microsoft.App/containerApps/authConfigs", name: "authConfigName" },
  "dbforpostgresql:Server": { type: postgres, name: "serverName" },
  "dbforpostgresql:Database": { type: `${postgres}/databases`, name: "databaseName" },
  "dbforpostgresql:Configuration": { type: `${postgres}/configurations`, name: "configurationName" },
  "dynamic/azureml:TrainingJob": { type: `${ml}/jobs`, name: "name", opaque: true },
  "dynamic/azureml:OnlineDeployment": { type: `${ml}/onlineEndpoints/deployments`, name: "name", opaque: true },
  "dynamic/azureml:BatchDeployment": { type: `${ml}/batchEndpoints/deployments`, name: "name", opaque: true },
};

/** @param token such as `azure-native:storage:StorageAccount`; undefined for what Azure does not make by itself */
export function armTypeOf(token: string): ArmType | undefined {
  return types[token.replace(/^(azure-native|pulumi-nodejs):/, "")];
}
