import { resourceGroupOf } from "../arm/ids";
import { ArmError, type TypeBehaviour } from "../contracts";
import { Quotas } from "../services/quota";
import { assertCurrentSize } from "../services/sizes";
import { guidOf } from "../guid";
import { agentPoolBehaviour, agentPoolType, checkPool, poolProfiles, putPools, type AgentPool } from "./agentPools";
import { kindNamed } from "./kinds";
import { ClusterObjects } from "./objects";
import { runCommand } from "./runCommand";

const clusterType = "Microsoft.ContainerService/managedClusters";

export const kubernetesBehaviours: readonly TypeBehaviour[] = [
  {
    type: clusterType,
    coverage: {
      gaps: {
        PUT: "a record: no Kubernetes runs, nodes are counted against the quota",
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
    check({ body, existing, id }, cloud) {
      const pools = (body.properties?.agentPoolProfiles ?? []) as AgentPool[];
      pools.forEach((pool, index) => assertCurrentSize(pool.vmSize, `properties.agentPoolProfiles[${index}].vmSize`));
      const others = existing ? cloud.resources.list(existing.id, agentPoolType) : [];
      const modes = [...pools.map(({ mode }) => mode), ...others.map(({ properties }) => properties.mode)];
      if (!modes.includes("System")) {
        throw new ArmError(
          400,
          "InvalidParameter",
          "The managed cluster needs at least one agent pool of mode System.",
          "properties.agentPoolProfiles",
        );
      }
      pools.forEach((pool, index) => checkPool(pool, `properties.agentPoolProfiles[${index}]`));
      new Quotas(cloud).checkPools(pools, new Set(pools.map(({ name }) => `${id}/agentPools/${name}`.toLowerCase())));
    },
    properties: ({ body, name, id }, cloud) => ({
      ...body.properties,
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
    // Pools of the body are resources of their own; those that it does not name stay.
    provision: (record, cloud) => putPools(record, cloud),
    view: (record, cloud) => ({ agentPoolProfiles: poolProfiles(record, cloud) }),
    removed: (record, cloud) => new ClusterObjects(cloud, record).forget(),
    actions: { runcommand: runCommand },
  },
  agentPoolBehaviour,
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
