import * as pulumi from "@pulumi/pulumi";
import * as ml from "@pulumi/azure-native/machinelearningservices";
import { decideSize, type RetiredSizePolicy } from "../lib/azure/sizes";
import type { ImageStorage } from "./imageStorage";
import type { Workspace } from "./workspace";

export interface GpuClusterArgs {
  workspace: Workspace;
  /** The account whose blobs the cluster's identity may read and write. */
  storage: ImageStorage;
  /** 3 to 32 characters; the name that job files use as `compute: azureml:NAME`. */
  computeName: string;
  /** For example `STANDARD_NC6s_V3`. */
  vmSize: string;
  /** @default "replace" */
  onRetiredSize?: RetiredSizePolicy;
  /** Nodes kept when idle. @default 0 */
  minNodes?: number;
  /** Nodes at most; each runs one trial at a time. @default 4 */
  maxNodes?: number;
  /** Seconds that a node may idle before it is released. @default 120 */
  idleSeconds?: number;
  /** Takes over a cluster of that name that exists already, instead of making one. @default false */
  existing?: boolean;
}

/** The training cluster: no ssh, no public address of nodes, an identity of its own, scaled to zero when idle. */
export class GpuCluster extends pulumi.ComponentResource {
  readonly id: pulumi.Output<string>;
  readonly name: pulumi.Output<string>;
  readonly vmSize: string;
  readonly maxNodes: number;
  /** Provisioning state as Azure answers it. */
  readonly state: pulumi.Output<string>;
  /** Object id of the cluster's own identity; null for an existing cluster without one. */
  readonly principalId: pulumi.Output<string | null>;

  constructor(name: string, args: GpuClusterArgs, opts?: pulumi.ComponentResourceOptions) {
    super("objectdetection:index:GpuCluster", name, {}, opts);
    const size = decideSize("compute.vmSize", args.vmSize, args.onRetiredSize ?? "replace");
    if (size.warning && !args.existing) void pulumi.log.warn(size.warning, this);
    this.vmSize = size.vmSize;
    this.maxNodes = args.maxNodes ?? 4;

    const cluster = args.existing
      ? ml.Compute.get(`${name}-compute`, pulumi.interpolate`${args.workspace.id}/computes/${args.computeName}`, {
          parent: this,
        })
      : this.create(name, args);
    this.id = cluster.id;
    this.name = cluster.name;
    this.principalId = cluster.identity.apply((identity) => identity?.principalId ?? null);
    this.state = cluster.properties.apply((properties) => properties.provisioningState);
    this.registerOutputs({ id: this.id, name: this.name, vmSize: this.vmSize, state: this.state });
  }

  private create(name: string, args: GpuClusterArgs): ml.Compute {
    const cluster = new ml.Compute(
      `${name}-compute`,
      {
        ...args.workspace.placement,
        location: args.workspace.location,
        computeName: args.computeName,
        identity: { type: ml.ManagedServiceIdentityType.SystemAssigned },
        properties: {
          computeType: "AmlCompute",
          disableLocalAuth: true,
          properties: {
            vmSize: this.vmSize,
            vmPriority: ml.VmPriority.Dedicated,
            osType: ml.OsType.Linux,
            remoteLoginPortPublicAccess: ml.RemoteLoginPortPublicAccess.Disabled,
            scaleSettings: {
              minNodeCount: args.minNodes ?? 0,
              maxNodeCount: this.maxNodes,
              nodeIdleTimeBeforeScaleDown: `PT${args.idleSeconds ?? 120}S`,
            },
          },
        },
      },
      { parent: this, dependsOn: args.workspace.ready },
    );
    const principalId = cluster.identity.apply((identity) => identity?.principalId ?? "");
    args.storage.grant(
      `${name}-storage-role`,
      "blobContributor",
      { principalId, principalType: "ServicePrincipal" },
      { parent: this },
    );
    return cluster;
  }
}
