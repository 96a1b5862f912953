import * as pulumi from "@pulumi/pulumi";
import * as containerservice from "@pulumi/azure-native/containerservice";
import * as kubernetesconfiguration from "@pulumi/azure-native/kubernetesconfiguration";
import * as ml from "@pulumi/azure-native/machinelearningservices";
import { machineSize } from "../lib/azure/machineSizes";
import { decideSize, type RetiredSizePolicy } from "../lib/azure/sizes";
import { combineProblems } from "../lib/errors";
import {
  extensionProblems,
  extensionSettings,
  type RouterSettings,
  type TlsSettings,
} from "../lib/serving/extensionSettings";
import { allocatable, fitProblems, type NodeShare } from "../lib/serving/nodeFit";
import type { Workspace } from "./workspace";

export interface InferenceClusterArgs {
  workspace: Workspace;
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
  /** Kubernetes namespace of the deployments; it must exist. */
  namespace: string;
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
    /** Labels of its GPU nodes. */
    nodeSelector: Record<string, string>;
  };
}

/** Name under which deployments ask for a GPU node's share. */
const gpuInstanceType = "gpu";
const gpuPool = "gpu";

/** Where the cluster is, and what has to be there before it can be attached. */
interface Target {
  id: pulumi.Input<string>;
  name: pulumi.Input<string>;
  resourceGroupName: pulumi.Input<string>;
  nodeSelector: Record<string, string>;
}

/** A GPU AKS cluster with the Azure ML extension, attached to the workspace as a Kubernetes compute. */
export class InferenceCluster extends pulumi.ComponentResource {
  readonly computeId: pulumi.Output<string>;
  readonly computeName: string;
  readonly instanceType = gpuInstanceType;
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
    this.check(args);

    const target = args.existingCluster ? adopted(args.existingCluster) : this.declareCluster(name, args);
    const trustedAccess = this.declareTrustedAccess(name, args, target);
    const extension = args.existingCluster?.extensionInstalled
      ? trustedAccess
      : this.declareExtension(name, args, target, trustedAccess);
    const compute = this.attach(name, args, target, extension);
    this.computeId = compute.id;
    this.registerOutputs({ computeId: this.computeId });
  }

  private check({
    replica,
    router,
    systemNodes,
    tls,
    allowInsecureConnections,
    apiServer,
  }: InferenceClusterArgs): void {
    const problems = [
      ...fitProblems(this.vmSize, replica),
      ...extensionProblems(router, systemNodes, tls, allowInsecureConnections),
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
    return {
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

  private declareExtension(
    name: string,
    { router, tls, allowInsecureConnections }: InferenceClusterArgs,
    target: Target,
    trustedAccess: pulumi.Resource,
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
        configurationSettings: extensionSettings(router, tls, allowInsecureConnections),
      },
      { parent: this, dependsOn: [trustedAccess] },
    );
  }

  private attach(
    name: string,
    { workspace, clusterName, namespace, replica }: InferenceClusterArgs,
    target: Target,
    extension: pulumi.Resource,
  ): ml.Compute {
    const { cpu, memoryGb, gpu } = instanceTypeOf(this.vmSize, replica);
    const resources = { cpu: `${cpu}`, memory: `${memoryGb}Gi` };
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
            defaultInstanceType: gpuInstanceType,
            instanceTypes: {
              [gpuInstanceType]: {
                nodeSelector: target.nodeSelector,
                resources: { requests: resources, limits: { ...resources, "nvidia.com/gpu": `${gpu}` } },
              },
            },
          },
        },
      },
      { parent: this, dependsOn: [extension, ...workspace.ready] },
    );
  }
}

function adopted({ id, nodeSelector }: NonNullable<InferenceClusterArgs["existingCluster"]>): Target {
  const [, , , , resourceGroupName = "", , , , name = ""] = id.split("/");
  return { id, name, resourceGroupName, nodeSelector };
}

/** All that a node has, so that a deployment may ask for any part of it; of a size that is not known here, the replica. */
function instanceTypeOf(vmSize: string, replica: NodeShare): NodeShare {
  const size = machineSize(vmSize);
  if (!size) return replica;
  const { cpu, memoryGb, gpu } = allocatable(size);
  return { cpu: Math.floor(cpu), memoryGb: Math.floor(memoryGb), gpu };
}
