import * as pulumi from "@pulumi/pulumi";
import * as containerservice from "@pulumi/azure-native/containerservice";
import * as kubernetesconfiguration from "@pulumi/azure-native/kubernetesconfiguration";
import * as ml from "@pulumi/azure-native/machinelearningservices";
import { machineSize } from "../lib/azure/machineSizes";
import { regionSizesSync } from "../lib/azure/regionSizesSync";
import { decideSize, type RetiredSizePolicy } from "../lib/azure/sizes";
import { combineProblems } from "../lib/errors";
import {
  extensionProblems,
  extensionSettings,
  type RouterSettings,
  type TlsSettings,
} from "../lib/serving/extensionSettings";
import type { InstanceTypeSpec } from "../lib/serving/instanceType";
import { allocatable, fitProblems, type NodeShare } from "../lib/serving/nodeFit";
import { ClusterObjects } from "../providers/clusterObjects/resource";
import { RouterCertificate } from "../providers/routerCertificate/resource";
import { stackOwner } from "./owner";
import { grant, type Grantee } from "./roles";
import type { ServingTarget } from "./servingTarget";
import type { Workspace } from "./workspace";

export interface InferenceClusterArgs {
  workspace: Workspace;
  /** Region of the cluster. */
  location: string;
  /** Name of the AKS cluster and of the compute attached to the workspace. */
  clusterName: string;
  /** Size of the GPU nodes, for example `STANDARD_NC6`. */
  vmSize: string;
  /** @default "replace" */
  onRetiredSize?: RetiredSizePolicy;
  /** What a replica asks for; checked against what a node has. */
  replica: NodeShare;
  /** GPU nodes at least (from 0) and at most; the cluster's autoscaler moves between them. */
  nodes: { min: number; max: number };
  /** Nodes for everything else; the inference router runs there, too. */
  systemNodes: { min: number; max: number; vmSize: string };
  /** Kubernetes namespace of the deployments; made when it is not there. */
  namespace: string;
  /** Name of the instance type by which deployments ask for a GPU node's share; made in the cluster. */
  instanceType: string;
  /** Who deploys: gets the right to apply objects in a cluster that is made here. */
  operator: Grantee;
  router: RouterSettings;
  /** Who reaches the cluster's API server: everybody unless ranges are given, nobody from outside when it is private. */
  apiServer: { authorizedIpRanges: string[]; private: boolean };
  upgradeChannel: "none" | "patch" | "stable" | "rapid" | "node-image";
  /** Whether logs of the containers go to the workspace's Log Analytics. */
  containerInsights: boolean;
  /** Plain HTTP at the inference router, for a trial. */
  allowInsecureConnections: boolean;
  /** Certificate of the inference router; needed unless insecure connections are allowed. */
  tls?: TlsSettings;
  /** A cluster that is there already is attached in place of a new one; its nodes and settings are left alone. */
  existingCluster?: {
    /** ARM id. */
    id: string;
    /** Whether it has the Azure ML extension already. */
    extensionInstalled: boolean;
    /** Whether it has NVIDIA's device plugin already. */
    devicePluginInstalled: boolean;
    /** Labels of its GPU nodes. */
    nodeSelector: Record<string, string>;
  };
}

const gpuPool = "gpu";

/** As the extension's settings name it. */
interface Certificate {
  sslSecret: pulumi.Input<string>;
  sslCname: string;
}

/** Where the cluster is, and what has to be there before it can be attached. */
interface Target {
  /** What must be there before objects can be applied in it. */
  ready: pulumi.Resource[];
  id: pulumi.Input<string>;
  name: pulumi.Input<string>;
  resourceGroupName: pulumi.Input<string>;
  nodeSelector: Record<string, string>;
}

/**
 * A GPU AKS cluster with the Azure ML extension, its namespace and instance type, attached to the workspace as a Kubernetes
 * compute.
 */
export class InferenceCluster extends pulumi.ComponentResource implements ServingTarget {
  readonly kind = "kubernetes";
  readonly computeId: pulumi.Output<string>;
  readonly computeName: string;
  readonly instanceType: string;
  readonly vmSize: string;

  /** @throws UserError when the settings contradict each other, or a replica fits no node */
  constructor(name: string, args: InferenceClusterArgs, opts?: pulumi.ComponentResourceOptions) {
    super("objectdetection:index:InferenceCluster", name, {}, opts);
    const size = decideSize("serving.vmSize", args.vmSize, args.onRetiredSize ?? "replace");
    if (size.warning) void pulumi.log.warn(size.warning, this);
    if (args.allowInsecureConnections) {
      void pulumi.log.warn("serving.allowInsecureConnections is true: requests and keys travel over plain HTTP.", this);
    }
    this.vmSize = size.vmSize;
    this.computeName = args.clusterName;
    this.instanceType = args.instanceType;
    this.check(args);

    const target = args.existingCluster ? adopted(args.existingCluster) : this.declareCluster(name, args);
    const trustedAccess = this.declareTrustedAccess(name, args, target);
    const extension = args.existingCluster?.extensionInstalled
      ? trustedAccess
      : this.declareExtension(name, args, target, trustedAccess, this.certificate(name, args, target));
    const objects = this.declareObjects(name, args, target, extension);
    const compute = this.attach(name, args, target, objects);
    this.computeId = compute.id;
    this.registerOutputs({ computeId: this.computeId });
  }

  private check({
    location,
    replica,
    router,
    systemNodes,
    tls,
    allowInsecureConnections,
    apiServer,
    existingCluster,
  }: InferenceClusterArgs): void {
    const problems = [
      ...fitProblems(this.vmSize, replica, () => offeredIn(location)),
      ...extensionProblems(router, systemNodes, tls, allowInsecureConnections),
      ...(existingCluster?.extensionInstalled && tls?.keyVaultSecretId !== undefined
        ? [
            "serving.existingCluster.extensionInstalled is true and serving.tls.keyVaultSecretId is set: the extension's own settings name its certificate, which is left alone. Name its secret as serving.tls.sslSecret.",
          ]
        : []),
      ...(apiServer.private && apiServer.authorizedIpRanges.length > 0
        ? [
            "serving.apiServer.private is true, and a private API server has no authorizedIpRanges. Leave one of them out.",
          ]
        : []),
    ];
    if (problems.length > 0) throw combineProblems("The inference cluster cannot be made as configured:", problems);
  }

  private declareCluster(name: string, args: InferenceClusterArgs): Target {
    const { workspace, nodes, systemNodes, apiServer } = args;
    const pool = {
      osType: containerservice.OSType.Linux,
      type: containerservice.AgentPoolType.VirtualMachineScaleSets,
    };
    const cluster = new containerservice.ManagedCluster(
      `${name}-aks`,
      {
        resourceGroupName: workspace.resourceGroupName,
        location: workspace.location,
        resourceName: args.clusterName,
        dnsPrefix: args.clusterName,
        identity: { type: containerservice.ResourceIdentityType.SystemAssigned },
        enableRBAC: true,
        disableLocalAccounts: true,
        aadProfile: { managed: true, enableAzureRBAC: true },
        oidcIssuerProfile: { enabled: true },
        securityProfile: { workloadIdentity: { enabled: true } },
        autoUpgradeProfile: { upgradeChannel: args.upgradeChannel },
        apiServerAccessProfile: apiServer.private
          ? { enablePrivateCluster: true }
          : { authorizedIPRanges: apiServer.authorizedIpRanges },
        addonProfiles: args.containerInsights
          ? {
              omsagent: {
                enabled: true,
                config: { logAnalyticsWorkspaceResourceID: workspace.logAnalyticsId, useAADAuth: "true" },
              },
            }
          : undefined,
        agentPoolProfiles: [
          {
            ...pool,
            name: "system",
            mode: containerservice.AgentPoolMode.System,
            vmSize: systemNodes.vmSize,
            enableAutoScaling: true,
            count: systemNodes.min,
            minCount: systemNodes.min,
            maxCount: systemNodes.max,
          },
          {
            ...pool,
            name: gpuPool,
            mode: containerservice.AgentPoolMode.User,
            vmSize: this.vmSize,
            enableAutoScaling: true,
            count: nodes.min,
            minCount: nodes.min,
            maxCount: nodes.max,
            nodeLabels: { "azureml-workload": "inference" },
            // The one taint that Azure ML workloads, and nothing else, tolerate.
            nodeTaints: ["ml.azure.com/amlarc-workload=true:NoSchedule"],
          },
        ],
      },
      // The autoscaler moves the counts.
      { parent: this, ignoreChanges: ["agentPoolProfiles[0].count", "agentPoolProfiles[1].count"] },
    );
    const role = grant(`${name}-operator-role`, "aksClusterAdmin", cluster.id, args.operator, { parent: this });
    return {
      ready: [role],
      id: cluster.id,
      name: cluster.name,
      resourceGroupName: workspace.resourceGroupName,
      nodeSelector: { agentpool: gpuPool },
    };
  }

  /** With local accounts off, the workspace reaches the cluster by this binding. */
  private declareTrustedAccess(name: string, { workspace }: InferenceClusterArgs, target: Target): pulumi.Resource {
    return new containerservice.TrustedAccessRoleBinding(
      `${name}-trusted-access`,
      {
        resourceGroupName: target.resourceGroupName,
        resourceName: target.name,
        trustedAccessRoleBindingName: "azureml",
        sourceResourceId: workspace.id,
        roles: ["Microsoft.MachineLearningServices/workspaces/mlworkload"],
      },
      { parent: this },
    );
  }

  /** Where the extension finds the certificate: in a secret that is in the cluster, or is brought there from the vault. */
  private certificate(name: string, { tls }: InferenceClusterArgs, target: Target): Certificate | undefined {
    if (!tls) return undefined;
    const { sslCname, sslSecret, keyVaultSecretId } = tls;
    if (keyVaultSecretId === undefined) return sslSecret === undefined ? undefined : { sslSecret, sslCname };
    const copy = new RouterCertificate(
      `${name}-certificate`,
      { clusterId: target.id, secretId: keyVaultSecretId, host: sslCname, owner: stackOwner() },
      { parent: this, dependsOn: target.ready },
    );
    return { sslSecret: copy.secretName, sslCname };
  }

  private declareExtension(
    name: string,
    { router, allowInsecureConnections, existingCluster }: InferenceClusterArgs,
    target: Target,
    trustedAccess: pulumi.Resource,
    certificate: Certificate | undefined,
  ): pulumi.Resource {
    return new kubernetesconfiguration.Extension(
      `${name}-extension`,
      {
        resourceGroupName: target.resourceGroupName,
        clusterRp: "Microsoft.ContainerService",
        clusterResourceName: "managedClusters",
        clusterName: target.name,
        extensionName: "azureml",
        extensionType: "Microsoft.AzureML.Kubernetes",
        autoUpgradeMinorVersion: true,
        releaseTrain: "Stable",
        identity: { type: kubernetesconfiguration.ResourceIdentityType.SystemAssigned },
        scope: { cluster: { releaseNamespace: "azureml" } },
        configurationSettings: extensionSettings(
          router,
          certificate,
          allowInsecureConnections,
          existingCluster?.devicePluginInstalled ?? false,
        ),
      },
      { parent: this, dependsOn: [trustedAccess] },
    );
  }

  private declareObjects(name: string, args: InferenceClusterArgs, target: Target, extension: pulumi.Resource) {
    return new ClusterObjects(
      `${name}-objects`,
      {
        clusterId: target.id,
        owner: stackOwner(),
        namespace: args.namespace,
        instanceTypes: { [args.instanceType]: this.instanceTypeOf(args, target) },
      },
      { parent: this, dependsOn: [extension, ...target.ready] },
    );
  }

  private attach(name: string, args: InferenceClusterArgs, target: Target, objects: pulumi.Resource): ml.Compute {
    const { workspace, clusterName, namespace, instanceType } = args;
    return new ml.Compute(
      `${name}-compute`,
      {
        ...workspace.placement,
        location: workspace.location,
        computeName: clusterName,
        identity: { type: ml.ManagedServiceIdentityType.SystemAssigned },
        properties: {
          computeType: "Kubernetes",
          resourceId: target.id,
          disableLocalAuth: true,
          properties: {
            namespace,
            defaultInstanceType: instanceType,
            instanceTypes: { [instanceType]: this.instanceTypeOf(args, target) },
          },
        },
      },
      { parent: this, dependsOn: [objects, ...workspace.ready] },
    );
  }

  /** All that a node has, so that a deployment may ask for any part of it. */
  private instanceTypeOf({ replica }: InferenceClusterArgs, { nodeSelector }: Target): InstanceTypeSpec {
    const { cpu, memoryGb, gpu } = nodeShareOf(this.vmSize, replica);
    const requests = { cpu: `${cpu}`, memory: `${memoryGb}Gi` };
    return {
      nodeSelector,
      resources: { requests, limits: { ...requests, ...(gpu > 0 ? { "nvidia.com/gpu": `${gpu}` } : {}) } },
    };
  }
}

/** Sizes with GPUs of the region, for who asked for too small a node. */
function offeredIn(region: string) {
  const subscription = new pulumi.Config("azure-native").get("subscriptionId") ?? process.env.ARM_SUBSCRIPTION_ID;
  const sizes = regionSizesSync(region, subscription ?? process.env.AZURE_SUBSCRIPTION_ID);
  return sizes && { region, sizes };
}

function adopted({ id, nodeSelector }: NonNullable<InferenceClusterArgs["existingCluster"]>): Target {
  const [, , , , resourceGroupName = "", , , , name = ""] = id.split("/");
  return { ready: [], id, name, resourceGroupName, nodeSelector };
}

/** Whole cores and GiB of a node; of a size that is not known here, the replica's. */
function nodeShareOf(vmSize: string, replica: NodeShare): NodeShare {
  const size = machineSize(vmSize);
  if (!size) return replica;
  const { cpu, memoryGb, gpu } = allocatable(size);
  return { cpu: Math.floor(cpu), memoryGb: Math.floor(memoryGb), gpu };
}
