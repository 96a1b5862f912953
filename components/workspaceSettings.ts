import * as ml from "@pulumi/azure-native/machinelearningservices";
import type { WorkspaceArgs } from "./workspace";

/** The registry, and who builds its images. */
export function registrySettings({ registry, network, imageBuildCompute }: WorkspaceArgs) {
  // Azure's own builders do not reach a private registry.
  return registry && { containerRegistry: registry.id, ...(network && { imageBuildCompute }) };
}

/** Who reaches the workspace, and what its machines reach. */
export function networkSettings({ network, outbound }: WorkspaceArgs) {
  if (!network) return { publicNetworkAccess: "Enabled" };
  return {
    publicNetworkAccess: "Disabled",
    managedNetwork: { isolationMode: outbound?.isolation ?? ml.IsolationMode.AllowInternetOutbound },
  };
}

/** The workspace's identities, and the key that one of them encrypts with. */
export function identitySettings({ key }: WorkspaceArgs) {
  if (!key) return { identity: { type: ml.ManagedServiceIdentityType.SystemAssigned } };
  return {
    identity: {
      type: ml.ManagedServiceIdentityType.SystemAssigned_UserAssigned,
      userAssignedIdentities: [key.identityId],
    },
    // Azure ML's own copies are encrypted in its subscription, in place of a resource group in this one.
    enableServiceSideCMKEncryption: true,
    encryption: {
      status: ml.EncryptionStatus.Enabled,
      keyVaultProperties: { keyVaultArmId: key.keyVaultId, keyIdentifier: key.keyId },
      identity: { userAssignedIdentity: key.identityId },
    },
  };
}
