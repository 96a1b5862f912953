export type RouterServiceType = "LoadBalancer" | "NodePort" | "ClusterIP";

export interface RouterSettings {
  /** How the inference router is reached. */
  serviceType: RouterServiceType;
  /** Whether the load balancer has an address in the cluster's network only. */
  internal: boolean;
  /** Three replicas of the router, on as many nodes. */
  highAvailability: boolean;
}

export interface TlsSettings {
  /** Kubernetes secret with the certificate, in the extension's namespace; or else the vault's. */
  sslSecret?: string;
  /** ARM id of the Key Vault secret with certificate and key, of which the Kubernetes secret is made. */
  keyVaultSecretId?: string;
  /** Host name of the certificate. */
  sslCname: string;
}

/** Nodes that three replicas of the router want. */
const nodesOfHighAvailability = 3;

/** What is wrong between the settings of the extension, the cluster and the certificate; one line each. */
export function extensionProblems(
  { serviceType, internal, highAvailability }: RouterSettings,
  systemNodes: { min: number; max: number },
  tls: TlsSettings | undefined,
  insecure: boolean,
): string[] {
  const problems: string[] = [];
  if (highAvailability && systemNodes.max < nodesOfHighAvailability)
    problems.push(
      `serving.router.highAvailability is true and serving.systemNodes.max is ${systemNodes.max}: three replicas of the router want ${nodesOfHighAvailability} nodes. Raise serving.systemNodes.max, or turn it off.`,
    );
  if (internal && serviceType !== "LoadBalancer")
    problems.push(
      `serving.router.internal is true and serving.router.serviceType is "${serviceType}": only a LoadBalancer has an internal address. Leave one of them out.`,
    );
  if (!tls && !insecure)
    problems.push(
      "serving.tls is not set: give {keyVaultSecretId, sslCname}, or {sslSecret, sslCname} for a secret that is in the cluster, or set serving.allowInsecureConnections to true for a trial.",
    );
  if (tls && insecure)
    problems.push(
      "serving.tls is set and serving.allowInsecureConnections is true: the router does one of them. Leave one out.",
    );
  return problems;
}

/**
 * Settings of the extension `Microsoft.AzureML.Kubernetes`, which are texts throughout.
 * @param tls Kubernetes secret with the certificate, and its host
 * @param hasDevicePlugin whether the cluster has NVIDIA's device plugin: two of them do not work
 */
export function extensionSettings<Secret>(
  router: RouterSettings,
  tls: { sslSecret: Secret; sslCname: string } | undefined,
  insecure: boolean,
  hasDevicePlugin: boolean,
): Record<string, string | Secret> {
  return {
    enableTraining: "False",
    enableInference: "True",
    inferenceRouterServiceType: router.serviceType,
    ...(router.internal ? { internalLoadBalancerProvider: "azure" } : {}),
    inferenceRouterHA: router.highAvailability ? "True" : "False",
    // The pools of a cluster that is made here bring none of their own.
    installNvidiaDevicePlugin: hasDevicePlugin ? "False" : "True",
    allowInsecureConnections: insecure ? "True" : "False",
    ...tls,
  };
}
