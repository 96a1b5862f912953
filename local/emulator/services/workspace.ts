import { ArmError, type Cloud, type ResourceRecord, type TypeBehaviour } from "../contracts";
import { clusters } from "../jobs/clusters";
import { RunStore } from "../mlflow/runs";
import { notImplemented } from "../arm/errors";
import { workspaceOf } from "../arm/ids";
import { guidOf } from "../guid";
import { checkNamedTypes } from "../kubernetes/instanceTypes";
import { Quotas } from "./quota";
import { assertCurrentSize } from "./sizes";

const ml = "Microsoft.MachineLearningServices/workspaces";

function requireResource(cloud: Cloud, id: unknown, target: string): ResourceRecord {
  const found = typeof id === "string" ? cloud.resources.get(id) : undefined;
  if (!found) throw new ArmError(400, "ValidationError", `The resource '${String(id)}' was not found.`, target);
  return found;
}

/** What stands behind the account's name in its address: `core.windows.net` in public Azure. */
function storageEndpoint(cloud: Cloud): string {
  return new URL(cloud.blobUrl).host;
}

/** Datastores that every workspace has: two of blobs, and two of files, which are records alone. */
function systemDatastores({ properties }: ResourceRecord): { name: string; content: Record<string, unknown> }[] {
  const guid = String(properties.workspaceId);
  const blobs = (containerName: string) => ({ datastoreType: "AzureBlob", containerName });
  const files = (fileShareName: string) => ({ datastoreType: "AzureFile", fileShareName });
  return [
    { name: "workspaceblobstore", content: { ...blobs(`azureml-blobstore-${guid}`), isDefault: true } },
    { name: "workspaceartifactstore", content: blobs("azureml") },
    { name: "workspacefilestore", content: files(`azureml-filestore-${guid}`) },
    { name: "workspaceworkingdirectory", content: files(`code-${guid}`) },
  ];
}

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

interface ManagedNetwork {
  isolationMode?: string;
  status?: { status: string; sparkReady: boolean };
}

/** The network of a workspace's machines, which a PUT describes and does not make. */
function managedNetwork(properties: Record<string, unknown> | undefined, existing: ResourceRecord | undefined) {
  const { managedNetwork: wanted } = (properties ?? {}) as { managedNetwork?: ManagedNetwork };
  if (!wanted) return {};
  const { managedNetwork: before } = (existing?.properties ?? {}) as { managedNetwork?: ManagedNetwork };
  return { managedNetwork: { ...wanted, status: before?.status ?? { status: "Inactive", sparkReady: false } } };
}

export const workspaceBehaviours: readonly TypeBehaviour[] = [
  {
    type: ml,
    coverage: {
      gaps: {
        PUT: "networks, encryption and hubs have no effect",
        DELETE: "role assignments of a recovered workspace are not made again",
      },
    },
    check({ body, name }, cloud) {
      if (!/^[a-zA-Z0-9][\w-]{2,32}$/.test(name)) {
        throw new ArmError(
          400,
          "ValidationError",
          `'${name}' is no valid workspace name: 3 to 33 characters of letters, digits, '-' and '_'.`,
          "workspaceName",
        );
      }
      for (const key of ["storageAccount", "keyVault", "applicationInsights"]) {
        if (key === "applicationInsights" && body.properties?.[key] === undefined) continue;
        requireResource(cloud, body.properties?.[key], `properties.${key}`);
      }
    },
    properties: ({ body, id, existing }, cloud) => ({
      ...body.properties,
      ...managedNetwork(body.properties, existing),
      workspaceId: guidOf(id),
      tenantId: cloud.tenantId,
      notebookInfo: null,
      storageHnsEnabled: false,
      privateLinkCount: 0,
    }),
    view: ({ id }, cloud) => ({
      mlFlowTrackingUri: `azureml://${new URL(cloud.url).host}/mlflow/v1.0${id}`,
      discoveryUrl: `${cloud.url}/discovery`,
    }),
    provision: async () => {},
    // https://learn.microsoft.com/azure/machine-learning/concept-soft-delete: data and history are kept, computes, endpoints,
    // running jobs and role assignments are not.
    softDelete: {
      retentionDays: () => 14,
      keeps: ({ type, properties }) =>
        !/\/(computes|onlineEndpoints|roleAssignments|locks)(\/|$)/i.test(type) &&
        (!/\/jobs$/i.test(type) || /^(Completed|Failed|Canceled)$/.test(String(properties.status))),
      recoverBy: ["allowRecoverSoftDeletedWorkspace", "True"],
      taken: () =>
        new ArmError(
          400,
          "BadRequest",
          "Soft-deleted workspace exists. Please purge or recover it. https://aka.ms/wsoftdelete",
        ),
    },
    removed: (workspace, cloud) => new RunStore(cloud.store).forgetWorkspace(workspace.id),
    actions: {
      async provisionmanagednetwork({ record }, cloud) {
        const { managedNetwork: network } = record.properties as { managedNetwork?: ManagedNetwork };
        if (!network || network.isolationMode === "Disabled") {
          const message = `Workspace '${record.name}' has no managed network: its isolation mode is Disabled.`;
          throw new ArmError(400, "ValidationError", message, "properties.managedNetwork.isolationMode");
        }
        const status = { status: "Active", sparkReady: false };
        await cloud.resources.patchProperties(record.id, { managedNetwork: { ...network, status } });
        return { status: 200, body: status };
      },
    },
    async afterPut(workspace, _created, cloud) {
      const account = cloud.resources.get(String(workspace.properties.storageAccount));
      if (!account) return;
      for (const { name, content } of systemDatastores(workspace)) {
        const id = `${workspace.id}/datastores/${name}`;
        if (typeof content.containerName === "string")
          await cloud.container(account.name, content.containerName).createIfNotExists();
        if (cloud.resources.get(id)) continue;
        await cloud.resources.put({
          id,
          name,
          type: `${ml}/datastores`,
          properties: {
            provisioningState: "Succeeded",
            accountName: account.name,
            protocol: "https",
            endpoint: storageEndpoint(cloud),
            isDefault: false,
            credentials: { credentialsType: "None" },
            serviceDataAccessAuthIdentity: "WorkspaceSystemAssignedIdentity",
            ...content,
          },
        });
      }
    },
  },
  {
    type: `${ml}/computes`,
    coverage: {
      gaps: {
        PUT: "AmlCompute and Kubernetes; other kinds are refused with 501",
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
        const { minNodeCount = 0, maxNodeCount } = (properties.scaleSettings ?? {}) as {
          minNodeCount?: number;
          maxNodeCount?: number;
        };
        checkNodes(minNodeCount, maxNodeCount);
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
  },
  {
    type: `${ml}/datastores`,
    coverage: {
      gaps: {
        PUT: "blobs, with identities; those of files and data lakes are records",
      },
    },
    check({ body, id }, cloud) {
      const { datastoreType, accountName, containerName } = (body.properties ?? {}) as {
        datastoreType?: string;
        accountName?: string;
        containerName?: string;
      };
      if (!cloud.resources.listAll("Microsoft.Storage/storageAccounts").some(({ name }) => name === accountName)) {
        throw new ArmError(
          400,
          "ValidationError",
          `The storage account '${String(accountName)}' of datastore '${id.split("/").at(-1)}' was not found.`,
          "properties.accountName",
        );
      }
      if (!containerName && datastoreType === "AzureBlob")
        throw new ArmError(
          400,
          "ValidationError",
          "A blob datastore needs a containerName.",
          "properties.containerName",
        );
    },
    properties: ({ body, existing }) => ({ ...body.properties, isDefault: existing?.properties.isDefault ?? false }),
    listed: (record, query) => query.isDefault === undefined || String(record.properties.isDefault) === query.isDefault,
  },
  {
    type: `${ml}/labelingJobs`,
    coverage: {
      gaps: {
        PUT: "a record with counts: nobody can label in it",
      },
      refused: {
        "POST exportLabels": "",
        "POST pause": "",
        "POST resume": "",
      },
    },
    check({ body }, cloud) {
      const { dataConfiguration } = (body.properties ?? {}) as { dataConfiguration?: { dataId?: string } };
      requireResource(cloud, dataConfiguration?.dataId, "properties.dataConfiguration.dataId");
    },
    properties: ({ body, id, existing }, cloud) => ({
      ...body.properties,
      projectId: guidOf(id),
      status: existing?.properties.status ?? "Running",
      createdDateTime: existing?.properties.createdDateTime ?? cloud.now().toISOString(),
      statusMessages: [],
      progressMetrics: existing?.properties.progressMetrics ?? {
        totalDatapointCount: 0,
        completedDatapointCount: 0,
        skippedDatapointCount: 0,
        incrementalDataLastRefreshDateTime: cloud.now().toISOString(),
      },
    }),
    provision: (record, cloud) => countImages(record, cloud),
  },
];

/** A labeling project begins with every image of its folder unlabeled. */
async function countImages(record: ResourceRecord, cloud: Cloud): Promise<Record<string, unknown>> {
  const { dataConfiguration, progressMetrics } = record.properties as {
    dataConfiguration?: { dataId?: string };
    progressMetrics?: object;
  };
  const data = cloud.resources.get(String(dataConfiguration?.dataId));
  const [, datastoreName, path = ""] =
    /\/datastores\/([^/]+)\/paths\/(.*)$/.exec(String(data?.properties.dataUri)) ?? [];
  const workspaceId = record.id.replace(/\/labelingJobs\/[^/]+$/i, "");
  const datastore = cloud.resources.get(`${workspaceId}/datastores/${datastoreName}`);
  if (!datastore) return {};
  const { accountName, containerName } = datastore.properties as { accountName: string; containerName: string };
  let total = 0;
  for await (const blob of cloud.container(accountName, containerName).listBlobsFlat({ prefix: path })) {
    if (/\.(jpe?g|png|bmp|gif|tiff?|webp)$/i.test(blob.name)) total++;
  }
  return { progressMetrics: { ...progressMetrics, totalDatapointCount: total } };
}
