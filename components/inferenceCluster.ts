import * as pulumi from "@pulumi/pulumi";
import * as containerservice from "@pulumi/azure-native/containerservice";
import * as kubernetesconfiguration from "@pulumi/azure-native/kubernetesconfiguration";
import * as ml from "@pulumi/azure-native/machinelearningservices";
import { decideSize, type RetiredSizePolicy } from "../lib/azure/sizes";
import type { Workspace } from "./workspace";

export interface InferenceClusterArgs {
  workspace: Workspace;
  /** Name of the AKS cluster and of the compute attached to the workspace. */
  clusterName: string;
  /** Size of the GPU nodes, for example `STANDARD_NC6`. */
  vmSize: string;
  /** @default "replace" */
  onRetiredSize?: RetiredSizePolicy;
  /** GPU nodes at least and at most; the cluster's autoscaler moves between them. @default {min: 1, max: 3} */
  nodes?: { min: number; max: number };
  /** Size of the system nodes. @default "Standard_D4s_v5" */
  systemVmSize?: string;
  /** Kubernetes namespace of the deployments. @default "default" */
  namespace?: string;
  /** What a deployment may use of a GPU node: cores, memory in GiB, GPUs. @default {cpu: 4, memoryGb: 54, gpu: 1} */
  instanceType?: { cpu: number; memoryGb: number; gpu: number };
  /**
   * Plain HTTP at the inference router. Without it, `sslSecret` names the Kubernetes secret with the certificate.
   * @default false
   */
  allowInsecureConnections?: boolean;
  /** Kubernetes secret (in the extension's namespace) and host name for TLS; needed unless insecure connections are allowed. */
  tls?: { sslSecret: string; sslCname: string };
}

/** Name under which deployments ask for a GPU node's share. */
const gpuInstanceType = "gpu";

/** A GPU AKS cluster with the Azure ML extension, attached to the workspace as a Kubernetes compute. */
export class InferenceCluster extends pulumi.ComponentResource {
  readonly computeId: pulumi.Output<string>;
  readonly computeName: string;
  readonly instanceType = gpuInstanceType;
  readonly vmSize: string;

  constructor(name: string, args: InferenceClusterArgs, opts?: pulumi.ComponentResourceOptions) {
    super("objectdetection:index:InferenceCluster", name, {}, opts);
    const size = decideSize("serving.vmSize", args.vmSize, args.onRetiredSize ?? "replace");
    if (size.warning) void pulumi.log.warn(size.warning, this);
    if (args.allowInsecureConnections) {
      void pulumi.log.warn("serving.allowInsecureConnections is true: requests and keys travel over plain HTTP.", this);
    }
    this.vmSize = size.vmSize;
    this.computeName = args.clusterName;

    const cluster = this.declareCluster(name, args);
    const extension = this.declareExtension(name, args, cluster);
    const compute = this.attach(name, args, cluster, extension);
    this.computeId = compute.id;
    this.registerOutputs({ computeId: this.computeId });
  }

  private declareCluster(name: string, args: InferenceClusterArgs): containerservice.ManagedCluster {
    const { min, max } = args.nodes ?? { min: 1, max: 3 };
    return new containerservice.ManagedCluster(
      `${name}-aks`,
      {
        resourceGroupName: args.workspace.resourceGroupName,
        location: args.workspace.location,
        resourceName: args.clusterName,
        dnsPrefix: args.clusterName,
        identity: { type: containerservice.ResourceIdentityType.SystemAssigned },
        enableRBAC: true,
        disableLocalAccounts: true,
        aadProfile: { managed: true, enableAzureRBAC: true },
        oidcIssuerProfile: { enabled: true },
        securityProfile: { workloadIdentity: { enabled: true } },
        autoUpgradeProfile: { upgradeChannel: containerservice.UpgradeChannel.Stable },
        agentPoolProfiles: [
          {
            name: "system",
            mode: containerservice.AgentPoolMode.System,
            vmSize: args.systemVmSize ?? "Standard_D4s_v5",
            osType: containerservice.OSType.Linux,
            type: containerservice.AgentPoolType.VirtualMachineScaleSets,
            enableAutoScaling: true,
            count: 1,
            minCount: 1,
            maxCount: 3,
          },
          {
            name: "gpu",
            mode: containerservice.AgentPoolMode.User,
            vmSize: this.vmSize,
            osType: containerservice.OSType.Linux,
            type: containerservice.AgentPoolType.VirtualMachineScaleSets,
            enableAutoScaling: true,
            count: min,
            minCount: min,
            maxCount: max,
            nodeLabels: { "azureml-workload": "inference" },
            // The one taint that Azure ML workloads, and nothing else, tolerate.
            nodeTaints: ["ml.azure.com/amlarc-workload=true:NoSchedule"],
          },
        ],
      },
      // The autoscaler moves the counts.
      { parent: this, ignoreChanges: ["agentPoolProfiles[0].count", "agentPoolProfiles[1].count"] },
    );
  }

  private declareExtension(
    name: string,
    args: InferenceClusterArgs,
    cluster: containerservice.ManagedCluster,
  ): kubernetesconfiguration.Extension {
    const insecure = args.allowInsecureConnections ?? false;
    if (!insecure && !args.tls) {
      throw new pulumi.ResourceError(
        'serving.tls is missing: give {"sslSecret", "sslCname"}, or set serving.allowInsecureConnections to true for a trial.',
        this,
      );
    }
    // With local accounts off, the workspace reaches the cluster by this binding.
    const trustedAccess = new containerservice.TrustedAccessRoleBinding(
      `${name}-trusted-access`,
      {
        resourceGroupName: args.workspace.resourceGroupName,
        resourceName: cluster.name,
        trustedAccessRoleBindingName: "azureml",
        sourceResourceId: args.workspace.id,
        roles: ["Microsoft.MachineLearningServices/workspaces/mlworkload"],
      },
      { parent: this },
    );
    return new kubernetesconfiguration.Extension(
      `${name}-extension`,
      {
        resourceGroupName: args.workspace.resourceGroupName,
        clusterRp: "Microsoft.ContainerService",
        clusterResourceName: "managedClusters",
        clusterName: cluster.name,
        extensionName: "azureml",
        extensionType: "Microsoft.AzureML.Kubernetes",
        autoUpgradeMinorVersion: true,
        releaseTrain: "Stable",
        identity: { type: kubernetesconfiguration.ResourceIdentityType.SystemAssigned },
        scope: { cluster: { releaseNamespace: "azureml" } },
        configurationSettings: {
          enableTraining: "False",
          enableInference: "True",
          inferenceRouterServiceType: "LoadBalancer",
          // Three router replicas want three nodes.
          inferenceRouterHA: "False",
          installNvidiaDevicePlugin: "True",
          allowInsecureConnections: insecure ? "True" : "False",
          ...(args.tls && !insecure ? { sslSecret: args.tls.sslSecret, sslCname: args.tls.sslCname } : {}),
        },
      },
      { parent: this, dependsOn: [trustedAccess] },
    );
  }

  private attach(
    name: string,
    args: InferenceClusterArgs,
    cluster: containerservice.ManagedCluster,
    extension: kubernetesconfiguration.Extension,
  ): ml.Compute {
    const { cpu, memoryGb, gpu } = args.instanceType ?? { cpu: 4, memoryGb: 54, gpu: 1 };
    const resources = { cpu: `${cpu}`, memory: `${memoryGb}Gi` };
    return new ml.Compute(
      `${name}-compute`,
      {
        ...args.workspace.placement,
        location: args.workspace.location,
        computeName: args.clusterName,
        identity: { type: ml.ManagedServiceIdentityType.SystemAssigned },
        properties: {
          computeType: "Kubernetes",
          resourceId: cluster.id,
          disableLocalAuth: true,
          properties: {
            namespace: args.namespace ?? "default",
            defaultInstanceType: gpuInstanceType,
            instanceTypes: {
              [gpuInstanceType]: {
                nodeSelector: { agentpool: "gpu" },
                resources: { requests: resources, limits: { ...resources, "nvidia.com/gpu": `${gpu}` } },
              },
            },
          },
        },
      },
      { parent: this, dependsOn: [extension, ...args.workspace.ready] },
    );
  }
}
