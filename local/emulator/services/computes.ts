import { notImplemented } from "../arm/errors";
import { workspaceOf } from "../arm/ids";
import { ArmError, type TypeBehaviour } from "../contracts";
import { clusters } from "../jobs/clusters";
import { isDuration } from "../jobs/duration";
import { checkNamedTypes } from "../kubernetes/instanceTypes";
import { Quotas } from "./quota";
import { requireResource } from "./references";
import { assertCurrentSize } from "./sizes";

const ml = "Microsoft.MachineLearningServices/workspaces";

/** Azure ML's specification: whole numbers, no more at least than at most; a cluster has up to 65,000 nodes, by its limits. */
function checkNodes(least: number, most: number | undefined): void {
  const target = "properties.properties.scaleSettings";
  const legal = (count: number) => Number.isInteger(count) && count >= 0 && count <= 65_000;
  if (!legal(least) || (most !== undefined && (!legal(most) || most < least))) {
    throw new ArmError(
      400,
      "InvalidPropertyValue",
      `The node counts of a cluster are whole numbers with minNodeCount up to maxNodeCount, not ${least} and ${most}.`,
      target,
    );
  }
}

/** Its specification: a duration, of ISO 8601. */
function checkIdleTime(idle: string | null | undefined): void {
  if (idle === undefined || idle === null || isDuration(idle)) return;
  throw new ArmError(
    400,
    "InvalidPropertyValue",
    `The idle time before scale down is a duration of ISO 8601, such as PT120S, not '${idle}'.`,
    "properties.properties.scaleSettings.nodeIdleTimeBeforeScaleDown",
  );
}

export const computeBehaviour: TypeBehaviour = {
  type: `${ml}/computes`,
  coverage: {
    gaps: {
      PUT: "AmlCompute and Kubernetes; other kinds are refused with 501",
      "POST listnodes": "nodes have no addresses",
    },
  },
  check({ body, name, id, existing }, cloud) {
    if (!/^[a-zA-Z][a-zA-Z0-9-]{1,22}[a-zA-Z0-9]$/.test(name)) {
      throw new ArmError(
        400,
        "InvalidComputeName",
        `'${name}' is no valid compute name: 3 to 24 characters of letters, digits and '-', beginning with a letter.`,
      );
    }
    const {
      computeType,
      properties = {},
      resourceId,
    } = (body.properties ?? {}) as {
      computeType?: string;
      properties?: Record<string, unknown>;
      resourceId?: string;
    };
    const before = existing?.properties as { properties?: Record<string, unknown> } | undefined;
    if (computeType !== "AmlCompute" && computeType !== "Kubernetes")
      throw notImplemented(`compute of type '${String(computeType)}'`);
    if (computeType === "AmlCompute") {
      assertCurrentSize(properties.vmSize, "properties.properties.vmSize");
      const {
        minNodeCount = 0,
        maxNodeCount,
        nodeIdleTimeBeforeScaleDown: idle,
      } = (properties.scaleSettings ?? {}) as {
        minNodeCount?: number;
        maxNodeCount?: number;
        nodeIdleTimeBeforeScaleDown?: string | null;
      };
      checkNodes(minNodeCount, maxNodeCount);
      checkIdleTime(idle);
      new Quotas(cloud).checkCluster(workspaceOf(id), String(properties.vmSize), minNodeCount);
      if (before && String(before.properties?.vmSize).toLowerCase() !== String(properties.vmSize).toLowerCase()) {
        throw new ArmError(
          400,
          "ComputePropertyImmutable",
          "The vmSize of a compute cannot be changed. Delete it and make another.",
          "properties.properties.vmSize",
        );
      }
    }
    if (computeType === "Kubernetes") {
      const cluster = requireResource(cloud, resourceId, "properties.resourceId");
      const extensions = cloud.resources.list(cluster.id, "Microsoft.KubernetesConfiguration/extensions");
      if (!extensions.some(({ properties: extension }) => /azureml/i.test(String(extension.extensionType)))) {
        throw new ArmError(
          400,
          "BadArgument",
          `The Azure ML extension is not installed on '${cluster.name}'.`,
          "properties.resourceId",
        );
      }
      checkNamedTypes(cluster, properties, cloud);
    }
  },
  properties: ({ body, existing }, cloud) => {
    const now = cloud.now().toISOString();
    const inner = (body.properties?.properties ?? {}) as Record<string, unknown>;
    return {
      ...body.properties,
      isAttachedCompute: body.properties?.computeType === "Kubernetes",
      createdOn: existing?.properties.createdOn ?? now,
      modifiedOn: now,
      provisioningErrors: [],
      properties: inner,
    };
  },
  view: (record, cloud) => clusters.view(record, cloud),
  provision: async () => {},
  afterPut: (record, _created, cloud) => clusters.changed(record, cloud),
  removed: (record, cloud) => clusters.removed(record, cloud),
  actions: {
    // https://learn.microsoft.com/rest/api/azureml/compute/list-nodes
    listnodes({ record }, cloud) {
      if (record.properties.computeType !== "AmlCompute") {
        throw new ArmError(
          400,
          "ComputeTypeNotSupported",
          `'${record.name}' is a compute of type '${String(record.properties.computeType)}'; nodes are listed of AmlCompute.`,
        );
      }
      const nodes = clusters
        .of(record.id, cloud)
        .all()
        .map(({ id, state, run }) => ({ nodeId: id, nodeState: state, runId: run ?? null }));
      return { status: 200, body: { nodes } };
    },
  },
};
