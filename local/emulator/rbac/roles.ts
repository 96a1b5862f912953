/** A role definition as Azure's RBAC evaluates it. `*` stands for any text, also in the middle. */
export interface Role {
  /** GUID that is the same in every tenant. */
  id: string;
  name: string;
  description: string;
  actions?: readonly string[];
  notActions?: readonly string[];
  dataActions?: readonly string[];
}

const containers = "Microsoft.Storage/storageAccounts/blobServices/containers";
const delegationKey = "Microsoft.Storage/storageAccounts/blobServices/generateUserDelegationKey/action";
const ml = "Microsoft.MachineLearningServices";
const secrets = "Microsoft.KeyVault/vaults/secrets";
const aks = "Microsoft.ContainerService/managedClusters";
const read = ["Microsoft.Authorization/*/read", "Microsoft.Resources/subscriptions/resourceGroups/read"];

/**
 * Built-in roles that this flow and its users assign, with Azure's own ids and permissions:
 * https://learn.microsoft.com/azure/role-based-access-control/built-in-roles. Those of other services are left out.
 */
export const builtInRoles: readonly Role[] = [
  {
    id: "8e3af657-a8ff-443c-a75c-2fe8c4bcb635",
    name: "Owner",
    description: "Grants full access to manage all resources, including the ability to assign roles in Azure RBAC.",
    actions: ["*"],
  },
  {
    id: "b24988ac-6180-42a0-ab88-20f7382dd24c",
    name: "Contributor",
    description: "Grants full access to manage all resources, but does not allow you to assign roles in Azure RBAC.",
    actions: ["*"],
    notActions: [
      "Microsoft.Authorization/*/Delete",
      "Microsoft.Authorization/*/Write",
      "Microsoft.Authorization/elevateAccess/Action",
    ],
  },
  {
    id: "acdd72a7-3385-48ef-bd42-f606fba81ae7",
    name: "Reader",
    description: "View all resources, but does not allow you to make any changes.",
    actions: ["*/read"],
  },
  {
    id: "18d7d88d-d35e-4fb5-a5c3-7773c20a72d9",
    name: "User Access Administrator",
    description: "Lets you manage user access to Azure resources.",
    actions: ["*/read", "Microsoft.Authorization/*", "Microsoft.Support/*"],
  },
  {
    id: "f58310d9-a9f6-439a-9e8d-f62e7b41a168",
    name: "Role Based Access Control Administrator",
    description: "Manage access to Azure resources by assigning roles using Azure RBAC.",
    actions: [
      "Microsoft.Authorization/roleAssignments/write",
      "Microsoft.Authorization/roleAssignments/delete",
      "*/read",
      "Microsoft.Support/*",
    ],
  },
  {
    id: "f6c7c914-8db3-469d-8ca1-694a8f32e121",
    name: "AzureML Data Scientist",
    description:
      "Can perform all actions within an Azure Machine Learning workspace, except for creating or deleting compute resources and modifying the workspace itself.",
    actions: ["read", "action", "delete", "write"].map((verb) => `${ml}/workspaces/*/${verb}`),
    notActions: [
      `${ml}/workspaces/delete`,
      `${ml}/workspaces/write`,
      `${ml}/workspaces/computes/*/write`,
      `${ml}/workspaces/computes/*/delete`,
      `${ml}/workspaces/computes/listKeys/action`,
      `${ml}/workspaces/listKeys/action`,
    ],
  },
  {
    id: "1823dd4f-9b8c-4ab6-ab4e-7397a3684615",
    name: "AzureML Registry User",
    description:
      "Can perform all actions on Machine Learning Services Registry assets as well as get Registry resources.",
    actions: [`${ml}/registries/read`, `${ml}/registries/assets/*`],
  },
  {
    id: "e503ece1-11d0-4e8e-8e2c-7a6c3bf38815",
    name: "AzureML Compute Operator",
    description: "Can access and perform CRUD operations on Machine Learning Services managed compute resources.",
    actions: [`${ml}/workspaces/computes/*`, `${ml}/workspaces/notebooks/vm/*`],
  },
  {
    id: "635dd51f-9968-44d3-b7fb-6d9a6bd613ae",
    name: "AzureML Metrics Writer (preview)",
    description: "Lets you write metrics to AzureML workspace",
    actions: [`${ml}/workspaces/metrics/*/write`],
  },
  {
    id: "b7e6dc6d-f1e8-4753-8033-0f276bb0955b",
    name: "Storage Blob Data Owner",
    description:
      "Allows for full access to Azure Storage blob containers and data, including assigning POSIX access control.",
    actions: [`${containers}/*`, delegationKey],
    dataActions: [`${containers}/blobs/*`],
  },
  {
    id: "ba92f5b4-2d11-453d-a403-e96b0029c9fe",
    name: "Storage Blob Data Contributor",
    description: "Allows for read, write and delete access to Azure Storage blob containers and data",
    actions: [`${containers}/delete`, `${containers}/read`, `${containers}/write`, delegationKey],
    dataActions: ["delete", "read", "write", "move/action", "add/action"].map((verb) => `${containers}/blobs/${verb}`),
  },
  {
    id: "2a2b9908-6ea1-4ae2-8e65-a410df84e7d1",
    name: "Storage Blob Data Reader",
    description: "Allows for read access to Azure Storage blob containers and data",
    actions: [`${containers}/read`, delegationKey],
    dataActions: [`${containers}/blobs/read`],
  },
  {
    id: "db58b8e5-c6ad-4a2a-8342-4190687cbf4a",
    name: "Storage Blob Delegator",
    description: "Allows for generation of a user delegation key which can be used to sign SAS tokens",
    actions: [delegationKey],
  },
  {
    id: "17d1049b-9a84-46fb-8f53-869881c3d3ab",
    name: "Storage Account Contributor",
    description: "Lets you manage storage accounts, including accessing storage account keys",
    actions: [...read, "Microsoft.Storage/storageAccounts/*", "Microsoft.ResourceHealth/availabilityStatuses/read"],
  },
  {
    id: "69566ab7-960f-475b-8e7c-b3118f30c6bd",
    name: "Storage File Data Privileged Contributor",
    description: "Allows for read, write, delete and modify NTFS permissions on files and directories.",
    dataActions: ["Microsoft.Storage/storageAccounts/fileServices/fileShares/files/*"],
  },
  {
    id: "00482a5a-887f-4fb3-b363-3b7fe8e74483",
    name: "Key Vault Administrator",
    description: "Perform all data plane operations on a key vault and all objects in it.",
    actions: [...read, "Microsoft.KeyVault/*/read", "Microsoft.KeyVault/checkNameAvailability/read"],
    dataActions: ["Microsoft.KeyVault/vaults/*"],
  },
  {
    id: "f25e0fa2-a7c8-4377-a976-54943a77a395",
    name: "Key Vault Contributor",
    description: "Lets you manage key vaults, but not access to them.",
    actions: [...read, "Microsoft.KeyVault/*"],
    notActions: ["Microsoft.KeyVault/locations/deletedVaults/purge/action", "Microsoft.KeyVault/hsmPools/*"],
  },
  {
    id: "b86a8fe4-44ce-4948-aee5-eccb2c155cd7",
    name: "Key Vault Secrets Officer",
    description: "Perform any action on the secrets of a key vault, except manage permissions.",
    actions: [...read, "Microsoft.KeyVault/*/read", "Microsoft.KeyVault/checkNameAvailability/read"],
    dataActions: [`${secrets}/*`],
  },
  {
    id: "4633458b-17de-408a-b874-0445c86b69e6",
    name: "Key Vault Secrets User",
    description: "Read secret contents.",
    dataActions: [`${secrets}/getSecret/action`, `${secrets}/readMetadata/action`],
  },
  {
    id: "7f951dda-4ed3-4680-a7ca-43fe172d538d",
    name: "AcrPull",
    description: "acr pull",
    actions: ["Microsoft.ContainerRegistry/registries/pull/read"],
  },
  {
    id: "8311e382-0749-4cb8-b61a-304f252e45ec",
    name: "AcrPush",
    description: "acr push",
    actions: ["Microsoft.ContainerRegistry/registries/pull/read", "Microsoft.ContainerRegistry/registries/push/write"],
  },
  {
    id: "e147488a-f6f5-4113-8e2d-b22465e65bf6",
    name: "Key Vault Crypto Service Encryption User",
    description: "Read metadata of keys and perform wrap/unwrap operations.",
    dataActions: ["read", "wrap/action", "unwrap/action"].map((action) => `Microsoft.KeyVault/vaults/keys/${action}`),
  },
  {
    id: "b556d68e-0be0-4f35-a333-ad7ee1ce17ea",
    name: "Azure AI Enterprise Network Connection Approver",
    description: "Can approve private endpoint connections to Azure AI common dependency resources",
    actions: [
      "Microsoft.Storage/storageAccounts",
      "Microsoft.KeyVault/vaults",
      "Microsoft.ContainerRegistry/registries",
      "Microsoft.MachineLearningServices/workspaces",
    ].flatMap((type) => [
      `${type}/read`,
      `${type}/privateEndpointConnectionsApproval/action`,
      `${type}/privateEndpointConnections/read`,
      `${type}/privateEndpointConnections/write`,
    ]),
  },
  {
    id: "f1a07417-d97a-45cb-824c-7a7467783830",
    name: "Managed Identity Operator",
    description: "Read and Assign User Assigned Identity",
    actions: [
      ...read,
      "Microsoft.ManagedIdentity/userAssignedIdentities/*/read",
      "Microsoft.ManagedIdentity/userAssignedIdentities/*/assign/action",
    ],
  },
  {
    id: "ed7f3fbd-7b88-4dd4-9017-9adb7ce333f8",
    name: "Azure Kubernetes Service Contributor Role",
    description: "Grants access to read and write Azure Kubernetes Service clusters",
    actions: [...read, `${aks}/read`, `${aks}/write`, "Microsoft.Resources/deployments/*"],
  },
  {
    id: "4abbcc35-e782-43d8-92c5-2d3f1bd2253f",
    name: "Azure Kubernetes Service Cluster User Role",
    description: "List cluster user credential action.",
    actions: [`${aks}/listClusterUserCredential/action`, `${aks}/read`],
  },
  {
    id: "b1ff04bb-8a4e-4dc4-8eb5-8693973ce19b",
    name: "Azure Kubernetes Service RBAC Cluster Admin",
    description: "Lets you manage all resources in the cluster.",
    actions: [...read, `${aks}/listClusterUserCredential/action`],
    dataActions: [`${aks}/*`],
  },
];

const byId = new Map(builtInRoles.map((role) => [role.id, role]));

/** By its GUID or an id that ends with it. */
export function roleOf(definitionId: string): Role | undefined {
  return byId.get(definitionId.split("/").at(-1)?.toLowerCase() ?? "");
}

export const ownerRole = "8e3af657-a8ff-443c-a75c-2fe8c4bcb635";
export const blobReaderRole = "2a2b9908-6ea1-4ae2-8e65-a410df84e7d1";
