import { ArmError, type TypeBehaviour } from "../contracts";
import { RunStore } from "../mlflow/runs";
import { guidOf } from "../guid";
import { computeBehaviour } from "./computes";
import { datastoreBehaviour, putSystemDatastores } from "./datastores";
import { labelingJobBehaviour } from "./labelingJobs";
import { requireResource } from "./references";

const ml = "Microsoft.MachineLearningServices/workspaces";

export const workspaceBehaviours: readonly TypeBehaviour[] = [
  {
    type: ml,
    coverage: {
      gaps: {
        PUT: "networks, encryption and hubs have no effect",
        DELETE: "role assignments of a recovered workspace are not made again",
        "POST listkeys": "no key of the storage account, as for a workspace that reaches it by identity",
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
    properties: ({ body, id }, cloud) => ({
      ...body.properties,
      workspaceId: guidOf(id),
      tenantId: cloud.tenantId,
      notebookInfo: null,
      storageHnsEnabled: false,
      privateLinkCount: 0,
    }),
    actions: {
      listkeys: ({ record }, { resources }) => {
        const { storageAccount, applicationInsights } = record.properties;
        const insights = resources.get(String(applicationInsights));
        return {
          status: 200,
          body: {
            userStorageKey: null,
            userStorageResourceId: storageAccount,
            appInsightsInstrumentationKey: insights?.properties.InstrumentationKey ?? null,
            containerRegistryCredentials: null,
            notebookAccessKeys: null,
          },
        };
      },
    },
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
    afterPut: (workspace, _created, cloud) => putSystemDatastores(workspace, cloud),
  },
  computeBehaviour,
  datastoreBehaviour,
  labelingJobBehaviour,
];
