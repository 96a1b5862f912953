import { resourceGroupOf } from "../arm/ids";
import { ArmError, type Cloud, type ResourceRecord, type TypeBehaviour } from "../contracts";
import { Quotas } from "../services/quota";
import { assertCurrentSize } from "../services/sizes";
import { guidOf } from "../guid";
import { kindNamed } from "./kinds";
import { ClusterObjects } from "./objects";
import { runCommand } from "./runCommand";

interface AgentPool {
  name: string;
  vmSize?: string;
  count?: number;
  mode?: string;
  enableAutoScaling?: boolean;
  minCount?: number;
  maxCount?: number;
  [key: string]: unknown;
}

const clusterType = "Microsoft.ContainerService/managedClusters";

/** Limits of AKS: https://learn.microsoft.com/azure/aks/quotas-skus-regions; a pool that scales by itself has bounds. */
function checkPool({ count = 1, mode, enableAutoScaling, minCount, maxCount }: AgentPool, target: string): void {
  const refuse = (name: string, wanted: string) => {
    throw new ArmError(
      400,
      "InvalidParameter",
      `The value of parameter ${target}.${name} is invalid: ${wanted}.`,
      `${target}.${name}`,
    );
  };
  const fewest = mode === "System" ? 1 : 0;
  if (!Number.isInteger(count) || count < fewest || count > 1000) refuse("count", `${fewest} to 1000 nodes are wanted`);
  if (!enableAutoScaling) return;
  if (minCount === undefined || maxCount === undefined || minCount > maxCount)
    refuse("minCount", "a pool that scales by itself needs minCount up to maxCount");
}

/** What holds nodes beside a cluster or pool that is about to change. */
function othersThan(existing: ResourceRecord | undefined, { resources }: Cloud): ResourceRecord[] {
  return [...resources.listAll(clusterType), ...resources.listAll(`${clusterType}/agentPools`)].filter(
    ({ id }) => id !== existing?.id,
  );
}

export const kubernetesBehaviours: readonly TypeBehaviour[] = [
  {
    type: clusterType,
    coverage: {
      gaps: {
        PUT: "a record: no Kubernetes runs, nodes are counted against the quota; pools in its body are listed there alone",
        "POST runcommand":
          "kubectl apply, create, replace, get and delete of namespaces, instance types, config maps and secrets, see below; all else ends with status 1",
      },
      refused: {
        "POST listClusterAdminCredential": "",
        "POST listClusterUserCredential": "",
        "POST rotateClusterCertificates": "",
        "POST start": "",
        "POST stop": "",
      },
    },
    check({ body, existing }, cloud) {
      const pools = (body.properties?.agentPoolProfiles ?? []) as AgentPool[];
      pools.forEach((pool, index) => assertCurrentSize(pool.vmSize, `properties.agentPoolProfiles[${index}].vmSize`));
      if (!pools.some(({ mode }) => mode === "System")) {
        throw new ArmError(
          400,
          "InvalidParameter",
          "The managed cluster needs at least one agent pool of mode System.",
          "properties.agentPoolProfiles",
        );
      }
      pools.forEach((pool, index) => checkPool(pool, `properties.agentPoolProfiles[${index}]`));
      new Quotas(cloud).checkPools(pools, othersThan(existing, cloud));
    },
    properties: ({ body, name, id }, cloud) => ({
      ...body.properties,
      agentPoolProfiles: ((body.properties?.agentPoolProfiles ?? []) as AgentPool[]).map((pool) => ({
        ...pool,
        count: pool.count ?? 1,
        provisioningState: "Succeeded",
        powerState: { code: "Running" },
      })),
      kubernetesVersion: body.properties?.kubernetesVersion ?? "1.33",
      currentKubernetesVersion: "1.33.2",
      fqdn: `${name}.hcp.${cloud.location}.localhost`,
      nodeResourceGroup:
        body.properties?.nodeResourceGroup ?? `MC_${resourceGroupOf(id)?.split("/").at(-1)}_${name}_${cloud.location}`,
      identityProfile: {
        kubeletidentity: {
          resourceId: `${id}/kubeletidentity`,
          clientId: guidOf(id, "kubelet client"),
          objectId: guidOf(id, "kubelet object"),
        },
      },
      oidcIssuerProfile: {
        ...(body.properties?.oidcIssuerProfile as object | undefined),
        issuerURL: `${cloud.url}/oidc/${guidOf(id)}/`,
      },
      powerState: { code: "Running" },
    }),
    provision: async () => {},
    removed: (record, cloud) => new ClusterObjects(cloud, record).forget(),
    actions: { runcommand: runCommand },
  },
  {
    type: `${clusterType}/agentPools`,
    coverage: {
      gaps: {
        PUT: "a record: no nodes run",
      },
    },
    check({ body, existing }, cloud) {
      assertCurrentSize(body.properties?.vmSize, "properties.vmSize");
      checkPool(body.properties as unknown as AgentPool, "properties");
      new Quotas(cloud).checkPools([body.properties as AgentPool], othersThan(existing, cloud));
    },
    provision: async () => {},
  },
  {
    type: `${clusterType}/trustedAccessRoleBindings`,
    coverage: {
      gaps: {
        PUT: "a record: the workspace needs no access to a cluster that does not run",
      },
    },
    check({ body }, cloud) {
      const source = String(body.properties?.sourceResourceId);
      if (!cloud.resources.get(source))
        throw new ArmError(
          400,
          "BadRequest",
          `The source resource '${source}' was not found.`,
          "properties.sourceResourceId",
        );
    },
    provision: async () => {},
  },
  {
    type: "Microsoft.KubernetesConfiguration/extensions",
    coverage: {
      gaps: {
        PUT: "a record: its settings are checked, nothing is installed",
      },
    },
    check({ id, body }, cloud) {
      const cluster = id.split("/providers/Microsoft.KubernetesConfiguration/")[0] ?? "";
      if (!cloud.resources.get(cluster))
        throw new ArmError(404, "ParentResourceNotFound", `The cluster '${cluster}' was not found.`);
      const settings = (body.properties?.configurationSettings ?? {}) as Record<string, string>;
      if (String(body.properties?.extensionType).toLowerCase() !== "microsoft.azureml.kubernetes") return;
      const insecure = settings.allowInsecureConnections?.toLowerCase() === "true";
      if (settings.enableInference?.toLowerCase() === "true" && !insecure && !settings.sslSecret) {
        throw new ArmError(
          400,
          "ExtensionOperationFailed",
          "Inference needs sslSecret and sslCname, or allowInsecureConnections=True.",
          "properties.configurationSettings",
        );
      }
    },
    properties: ({ body, id }, cloud) => ({
      ...body.properties,
      currentVersion: "1.1.90",
      installState: "Installed",
      packageUri: null,
      identity: { principalId: guidOf(id), tenantId: cloud.tenantId },
    }),
    async provision({ id, properties }, cloud) {
      const { sslSecret } = (properties.configurationSettings ?? {}) as { sslSecret?: string };
      const cluster = cloud.resources.get(id.split("/providers/Microsoft.KubernetesConfiguration/")[0] ?? "");
      const secrets = kindNamed("secrets");
      if (!sslSecret || !cluster || !secrets) return;
      if (!new ClusterObjects(cloud, cluster).get(secrets, sslSecret, "azureml"))
        throw new ArmError(
          400,
          "ExtensionOperationFailed",
          `The extension operation failed with the following error: the secret '${sslSecret}' of sslSecret was not found in namespace 'azureml'.`,
          "properties.configurationSettings.sslSecret",
        );
    },
  },
];
