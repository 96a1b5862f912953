const digest = (digit: string) => `sha256:${digit.repeat(64)}`;

/** What `labeling.azure` needs at least. */
export const hosted = {
  image: `docker.io/heartexlabs/label-studio@${digest("a")}`,
  gatewayImage: `docker.io/library/node@${digest("b")}`,
  entra: {
    clientId: "00000000-0000-0000-0000-000000000003",
    clientSecretId: "/subscriptions/s/resourceGroups/apps/providers/Microsoft.KeyVault/vaults/kv-apps/secrets/labels",
  },
};
