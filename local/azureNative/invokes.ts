/** Functions of the SDK that are a POST: of which resource, and which action. */
export const postedInvokes: Readonly<Record<string, readonly [resource: string, action: string]>> = {
  "machinelearningservices:getOnlineDeploymentLogs": ["OnlineDeployment", "getLogs"],
  "machinelearningservices:getOnlineEndpointToken": ["OnlineEndpoint", "token"],
  "machinelearningservices:listComputeKeys": ["Compute", "listKeys"],
  "machinelearningservices:listComputeNodes": ["Compute", "listNodes"],
  "machinelearningservices:listDatastoreSecrets": ["Datastore", "listSecrets"],
  "machinelearningservices:listOnlineEndpointKeys": ["OnlineEndpoint", "listKeys"],
  "machinelearningservices:listWorkspaceKeys": ["Workspace", "listKeys"],
  "machinelearningservices:listWorkspaceNotebookKeys": ["Workspace", "listNotebookKeys"],
  "machinelearningservices:listWorkspaceStorageAccountKeys": ["Workspace", "listStorageAccountKeys"],
  "storage:listStorageAccountKeys": ["StorageAccount", "listKeys"],
  "containerservice:listManagedClusterAdminCredentials": ["ManagedCluster", "listClusterAdminCredential"],
  "containerservice:listManagedClusterUserCredentials": ["ManagedCluster", "listClusterUserCredential"],
};
