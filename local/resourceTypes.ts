import { supportingTypes } from "./supportingTypes";

/** How a resource type of azure-native maps to Azure Resource Manager. */
export interface ResourceType {
  /** Token of azure-native: `azure-native:MODULE:NAME`. */
  token: string;
  /** Path of the resource; the names in braces are arguments of the SDK. */
  path: string;
  apiVersion: string;
  /** Arguments of the SDK that are a part of the type, and the one value of each that is known here. */
  typeArguments?: Readonly<Record<string, string>>;
  /** Arguments that stand beside `properties` in the body; all others are inside it. */
  envelope?: readonly string[];
  /** The one argument that is the body's `properties` as a whole; without it the arguments are flattened into it. */
  propertiesArgument?: string;
  /** Properties (dotted) whose change makes a new resource; path arguments always do. */
  replaceOn?: readonly string[];
  /**
   * Names of Resource Manager, by the dotted names of the SDK, where the SDK has others: paths lead through `properties`
   * and lists without naming them.
   */
  wireNames?: Readonly<Record<string, string>>;
  /** Azure has no PATCH of it. */
  noPatch?: boolean;
  /** Always there with its parent: no check before the first PUT, no DELETE. */
  singleton?: boolean;
  /** The body that a singleton is set back to where a program deletes it. @default it is left as it is */
  defaultBody?: Readonly<Record<string, unknown>>;
  /**
   * Lists (dotted names of the SDK) of what are resources of their own as well: empty in the first PUT unless given, and kept
   * as they are in later ones.
   */
  subResources?: readonly string[];
  /** Whether a location is optional, or "global" is one, where the envelope has a location. @default a region is required */
  location?: "optional" | "global";
}

const group = "/subscriptions/{subscriptionId}/resourceGroups/{resourceGroupName}";
const workspace = `${group}/providers/Microsoft.MachineLearningServices/workspaces/{workspaceName}`;
const registry = `${group}/providers/Microsoft.MachineLearningServices/registries/{registryName}`;
const account = `${group}/providers/Microsoft.Storage/storageAccounts/{accountName}`;
const cluster = `${group}/providers/Microsoft.ContainerService/managedClusters/{resourceName}`;

const tracked = ["location", "tags"];
const identified = [...tracked, "identity"];

/** A type of Azure ML; all of them take `properties` as one argument. */
function ml(name: string, path: string, more: Partial<ResourceType> = {}): ResourceType {
  return {
    token: `azure-native:machinelearningservices:${name}`,
    path: `${workspace}/${path}`,
    apiVersion: "2025-12-01",
    propertiesArgument: "properties",
    ...more,
  };
}

const autoScalerSettings = (
  "balanceSimilarNodeGroups daemonsetEvictionForEmptyNodes daemonsetEvictionForOccupiedNodes ignoreDaemonsetsUtilization " +
  "maxEmptyBulkDelete maxGracefulTerminationSec maxNodeProvisionTime maxTotalUnreadyPercentage newPodScaleUpDelay " +
  "okTotalUnreadyCount scaleDownDelayAfterAdd scaleDownDelayAfterDelete scaleDownDelayAfterFailure scaleDownUnneededTime " +
  "scaleDownUnreadyTime scaleDownUtilizationThreshold scanInterval skipNodesWithLocalStorage skipNodesWithSystemPods"
).split(" ");

function hyphenated(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

/**
 * The resource types of the local cloud, for the stand-in of azure-native (which asks by token) and for the emulator (which
 * asks by ARM type). A type that is used by the program and is not here is refused with a pointer to this table.
 */
export const resourceTypes: readonly ResourceType[] = [
  {
    token: "azure-native:resources:ResourceGroup",
    path: group,
    apiVersion: "2024-03-01",
    envelope: [...tracked, "managedBy"],
    replaceOn: ["location"],
  },
  {
    token: "azure-native:authorization:RoleAssignment",
    noPatch: true,
    path: "/{scope}/providers/Microsoft.Authorization/roleAssignments/{roleAssignmentName}",
    apiVersion: "2022-04-01",
    replaceOn: ["principalId", "roleDefinitionId", "principalType"],
  },
  {
    token: "azure-native:authorization:ManagementLockByScope",
    noPatch: true,
    path: "/{scope}/providers/Microsoft.Authorization/locks/{lockName}",
    apiVersion: "2020-05-01",
  },
  {
    token: "azure-native:managedidentity:UserAssignedIdentity",
    path: `${group}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/{resourceName}`,
    apiVersion: "2023-01-31",
    envelope: tracked,
    replaceOn: ["location"],
  },
  {
    token: "azure-native:storage:StorageAccount",
    path: account,
    apiVersion: "2024-01-01",
    envelope: [...identified, "sku", "kind", "extendedLocation", "zones"],
    replaceOn: ["location", "isHnsEnabled"],
    wireNames: {
      enableHttpsTrafficOnly: "supportsHttpsTrafficOnly",
      enableNfsV3: "isNfsV3Enabled",
      networkRuleSet: "networkAcls",
      "networkRuleSet.ipRules.iPAddressOrRange": "value",
      "networkRuleSet.virtualNetworkRules.virtualNetworkResourceId": "id",
      "encryption.keyVaultProperties": "keyvaultproperties",
      "encryption.keyVaultProperties.keyName": "keyname",
      "encryption.keyVaultProperties.keyVaultUri": "keyvaulturi",
      "encryption.keyVaultProperties.keyVersion": "keyversion",
      "encryption.encryptionIdentity": "identity",
      "encryption.encryptionIdentity.encryptionUserAssignedIdentity": "userAssignedIdentity",
      "encryption.encryptionIdentity.encryptionFederatedIdentityClientId": "federatedIdentityClientId",
    },
  },
  {
    token: "azure-native:storage:BlobServiceProperties",
    noPatch: true,
    path: `${account}/blobServices/{blobServicesName}`,
    apiVersion: "2024-01-01",
    singleton: true,
    defaultBody: {},
  },
  {
    token: "azure-native:storage:BlobContainer",
    path: `${account}/blobServices/default/containers/{containerName}`,
    apiVersion: "2024-01-01",
  },
  {
    token: "azure-native:keyvault:Vault",
    path: `${group}/providers/Microsoft.KeyVault/vaults/{vaultName}`,
    apiVersion: "2024-11-01",
    envelope: tracked,
    propertiesArgument: "properties",
    replaceOn: ["location", "properties.tenantId"],
    subResources: ["properties.accessPolicies"],
  },
  {
    token: "azure-native:keyvault:Secret",
    path: `${group}/providers/Microsoft.KeyVault/vaults/{vaultName}/secrets/{secretName}`,
    apiVersion: "2024-11-01",
    envelope: ["tags"],
    propertiesArgument: "properties",
  },
  {
    token: "azure-native:operationalinsights:Workspace",
    path: `${group}/providers/Microsoft.OperationalInsights/workspaces/{workspaceName}`,
    apiVersion: "2023-09-01",
    envelope: [...identified, "etag"],
    replaceOn: ["location"],
  },
  {
    token: "azure-native:applicationinsights:Component",
    path: `${group}/providers/Microsoft.Insights/components/{resourceName}`,
    apiVersion: "2020-02-02",
    envelope: [...tracked, "kind", "etag"],
    replaceOn: ["location"],
    wireNames: {
      applicationType: "Application_Type",
      flowType: "Flow_Type",
      requestSource: "Request_Source",
      hockeyAppId: "HockeyAppId",
      hockeyAppToken: "HockeyAppToken",
      samplingPercentage: "SamplingPercentage",
      retentionInDays: "RetentionInDays",
      disableIpMasking: "DisableIpMasking",
      disableLocalAuth: "DisableLocalAuth",
      forceCustomerStorageForProfiler: "ForceCustomerStorageForProfiler",
      immediatePurgeDataOn30Days: "ImmediatePurgeDataOn30Days",
      ingestionMode: "IngestionMode",
      workspaceResourceId: "WorkspaceResourceId",
      appId: "AppId",
      applicationId: "ApplicationId",
      connectionString: "ConnectionString",
      creationDate: "CreationDate",
      instrumentationKey: "InstrumentationKey",
      laMigrationDate: "LaMigrationDate",
      privateLinkScopedResources: "PrivateLinkScopedResources",
      tenantId: "TenantId",
    },
  },
  {
    token: "azure-native:machinelearningservices:Workspace",
    path: workspace,
    apiVersion: "2025-12-01",
    envelope: [...identified, "sku", "kind"],
    replaceOn: ["location", "keyVault", "storageAccount", "hbiWorkspace"],
  },
  ml("Compute", "computes/{computeName}", {
    envelope: [...identified, "sku"],
    replaceOn: [
      "location",
      "properties.computeType",
      "properties.resourceId",
      "properties.properties.vmSize",
      "properties.properties.vmPriority",
    ],
  }),
  ml("Datastore", "datastores/{name}", { noPatch: true }),
  ml("DataContainer", "data/{name}", { noPatch: true }),
  ml("DataVersion", "data/{name}/versions/{version}", { noPatch: true }),
  ml("ModelContainer", "models/{name}", { noPatch: true }),
  ml("ModelVersion", "models/{name}/versions/{version}", { noPatch: true }),
  ml("EnvironmentContainer", "environments/{name}", { noPatch: true }),
  ml("EnvironmentVersion", "environments/{name}/versions/{version}", { noPatch: true }),
  ml("CodeContainer", "codes/{name}", { noPatch: true }),
  ml("CodeVersion", "codes/{name}/versions/{version}", { noPatch: true }),
  ml("Job", "jobs/{id}", { noPatch: true }),
  ml("Schedule", "schedules/{name}", { noPatch: true }),
  ml("LabelingJob", "labelingJobs/{id}", {
    apiVersion: "2024-01-01-preview",
    noPatch: true,
    propertiesArgument: "labelingJobProperties",
  }),
  ml("OnlineEndpoint", "onlineEndpoints/{endpointName}", {
    envelope: [...identified, "kind", "sku"],
    replaceOn: ["location", "properties.authMode", "properties.compute"],
  }),
  ml("OnlineDeployment", "onlineEndpoints/{endpointName}/deployments/{deploymentName}", {
    envelope: [...identified, "kind", "sku"],
    replaceOn: ["location", "properties.endpointComputeType"],
  }),
  ml("BatchEndpoint", "batchEndpoints/{endpointName}", {
    envelope: [...identified, "kind", "sku"],
    replaceOn: ["location", "properties.authMode"],
  }),
  ml("BatchDeployment", "batchEndpoints/{endpointName}/deployments/{deploymentName}", {
    envelope: [...identified, "kind", "sku"],
    replaceOn: ["location"],
  }),
  {
    token: "azure-native:machinelearningservices:Registry",
    path: registry,
    apiVersion: "2025-12-01",
    envelope: [...identified, "sku", "kind"],
    replaceOn: ["location"],
  },
  ml("RegistryModelContainer", "", { path: `${registry}/models/{modelName}`, noPatch: true }),
  ml("RegistryModelVersion", "", { path: `${registry}/models/{modelName}/versions/{version}`, noPatch: true }),
  {
    token: "azure-native:containerservice:ManagedCluster",
    path: cluster,
    apiVersion: "2025-09-01",
    envelope: [...identified, "sku", "kind", "extendedLocation"],
    replaceOn: ["location", "dnsPrefix", "nodeResourceGroup"],
    wireNames: Object.fromEntries(autoScalerSettings.map((name) => [`autoScalerProfile.${name}`, hyphenated(name)])),
  },
  {
    token: "azure-native:containerservice:AgentPool",
    noPatch: true,
    path: `${cluster}/agentPools/{agentPoolName}`,
    apiVersion: "2025-09-01",
    replaceOn: ["vmSize"],
  },
  {
    token: "azure-native:containerservice:TrustedAccessRoleBinding",
    noPatch: true,
    path: `${cluster}/trustedAccessRoleBindings/{trustedAccessRoleBindingName}`,
    apiVersion: "2025-09-01",
    replaceOn: ["sourceResourceId"],
  },
  {
    token: "azure-native:kubernetesconfiguration:Extension",
    path: `${group}/providers/{clusterRp}/{clusterResourceName}/{clusterName}/providers/Microsoft.KubernetesConfiguration/extensions/{extensionName}`,
    apiVersion: "2023-05-01",
    envelope: ["identity", "plan"],
    replaceOn: ["extensionType"],
  },
  ...supportingTypes,
];

const byToken = new Map(resourceTypes.map((type) => [type.token, type]));

export function resourceTypeOfToken(token: string): ResourceType | undefined {
  return byToken.get(token);
}

/** Arguments of the SDK that are parts of the path. */
export function pathArguments({ path, typeArguments = {} }: ResourceType): string[] {
  return [...Object.keys(typeArguments), ...[...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name ?? "")];
}

/** Full ARM type, for example `Microsoft.MachineLearningServices/workspaces/jobs`. */
export function armTypeOf({ path }: ResourceType): string {
  const segments = path.split("/providers/").at(-1) ?? "";
  if (!path.includes("/providers/")) return "Microsoft.Resources/resourceGroups";
  const [namespace, ...rest] = segments.split("/");
  return [namespace, ...rest.filter((_, index) => index % 2 === 0)].join("/");
}
