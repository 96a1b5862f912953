import { randomUUID } from "node:crypto";
import { supportingSamples } from "./supportingSamples";
import { roles, versions, type TestCloud } from "./testCloud";

/** A resource of a type, as a client makes it. */
export interface Sample {
  id: string;
  apiVersion: string;
  body: Record<string, unknown>;
}

/** One resource of each type that the cloud knows, parents first, into a group that is not there yet. */
export function oneOfEveryType(cloud: TestCloud): Sample[] {
  const location = "eastus2";
  const group = `${cloud.subscription}/resourceGroups/every`;
  const provider = (path: string) => `${group}/providers/${path}`;
  const account = provider("Microsoft.Storage/storageAccounts/everyst");
  const vault = provider("Microsoft.KeyVault/vaults/every-kv");
  const cluster = provider("Microsoft.ContainerService/managedClusters/aks");
  const workspace = provider("Microsoft.MachineLearningServices/workspaces/every");
  const endpoint = `${workspace}/onlineEndpoints/endpoint`;
  const registry = provider("Microsoft.MachineLearningServices/registries/models");
  const paths = `azureml:/${workspace.replace("/resourceGroups/", "/resourcegroups/").replace("/providers/Microsoft.MachineLearningServices", "")}/datastores/workspaceartifactstore/paths/`;
  const { ml } = versions;
  const version = (properties: object) => ({ properties: { description: "d", tags: { a: "b" }, ...properties } });
  return [
    { id: group, apiVersion: versions.groups, body: { location, tags: { a: "b" } } },
    {
      id: provider("Microsoft.ManagedIdentity/userAssignedIdentities/mine"),
      apiVersion: "2023-01-31",
      body: { location, tags: { a: "b" } },
    },
    {
      id: account,
      apiVersion: versions.storage,
      body: {
        location,
        kind: "StorageV2",
        sku: { name: "Standard_LRS" },
        properties: {
          allowSharedKeyAccess: false,
          minimumTlsVersion: "TLS1_2",
          networkAcls: { defaultAction: "Deny", bypass: "AzureServices", ipRules: [{ value: "10.0.0.1" }] },
        },
      },
    },
    {
      id: `${account}/blobServices/default`,
      apiVersion: versions.storage,
      body: { properties: { deleteRetentionPolicy: { enabled: true, days: 7 } } },
    },
    {
      id: `${account}/blobServices/default/containers/images`,
      apiVersion: versions.storage,
      body: { properties: { publicAccess: "None", metadata: { a: "b" } } },
    },
    {
      id: vault,
      apiVersion: versions.vaults,
      body: {
        location,
        properties: {
          tenantId: cloud.record.tenantId,
          sku: { family: "A", name: "standard" },
          enableRbacAuthorization: true,
        },
      },
    },
    { id: `${vault}/secrets/key`, apiVersion: versions.vaults, body: { properties: { value: "hush" } } },
    {
      id: provider("Microsoft.OperationalInsights/workspaces/logs"),
      apiVersion: "2023-09-01",
      body: { location, properties: { sku: { name: "PerGB2018" }, retentionInDays: 30 } },
    },
    {
      id: provider("Microsoft.Insights/components/insights"),
      apiVersion: "2020-02-02",
      body: { location, kind: "web", properties: { Application_Type: "web" } },
    },
    {
      id: workspace,
      apiVersion: ml,
      body: {
        location,
        identity: { type: "SystemAssigned" },
        properties: {
          storageAccount: account,
          keyVault: vault,
          publicNetworkAccess: "Enabled",
          managedNetwork: { isolationMode: "Disabled" },
        },
      },
    },
    {
      id: `${account}/blobServices/default/containers/images/providers/Microsoft.Authorization/locks/keep`,
      apiVersion: "2020-05-01",
      body: { properties: { level: "CanNotDelete", notes: "pictures" } },
    },
    {
      id: `${workspace}/providers/Microsoft.Authorization/roleAssignments/${randomUUID()}`,
      apiVersion: versions.roles,
      body: {
        properties: {
          principalId: randomUUID(),
          principalType: "ServicePrincipal",
          roleDefinitionId: `${cloud.subscription}/providers/Microsoft.Authorization/roleDefinitions/${roles.reader}`,
        },
      },
    },
    {
      id: `${workspace}/computes/gpu`,
      apiVersion: ml,
      body: {
        location,
        identity: { type: "SystemAssigned" },
        properties: {
          computeType: "AmlCompute",
          disableLocalAuth: true,
          properties: {
            vmSize: "STANDARD_NC4AS_T4_V3",
            vmPriority: "Dedicated",
            scaleSettings: { minNodeCount: 0, maxNodeCount: 1, nodeIdleTimeBeforeScaleDown: "PT120S" },
          },
        },
      },
    },
    {
      id: `${workspace}/datastores/images`,
      apiVersion: ml,
      body: version({
        datastoreType: "AzureBlob",
        accountName: "everyst",
        containerName: "images",
        credentials: { credentialsType: "None" },
      }),
    },
    { id: `${workspace}/data/set`, apiVersion: ml, body: version({ dataType: "mltable" }) },
    {
      id: `${workspace}/data/set/versions/1`,
      apiVersion: ml,
      body: version({ dataType: "mltable", dataUri: `${paths}set/`, referencedUris: ["a"] }),
    },
    { id: `${workspace}/models/detector`, apiVersion: ml, body: version({}) },
    {
      id: `${workspace}/models/detector/versions/1`,
      apiVersion: ml,
      body: version({
        modelType: "custom_model",
        modelUri: `${paths}model.pt`,
        flavors: { python_function: { data: { a: "b" } } },
      }),
    },
    { id: `${workspace}/environments/scoring`, apiVersion: ml, body: version({}) },
    {
      id: `${workspace}/environments/scoring/versions/1`,
      apiVersion: ml,
      body: version({ image: "mcr.microsoft.com/azureml/minimal", condaFile: "name: a" }),
    },
    { id: `${workspace}/codes/score`, apiVersion: ml, body: version({}) },
    { id: `${workspace}/codes/score/versions/1`, apiVersion: ml, body: version({ codeUri: `${paths}code/` }) },
    {
      id: `${workspace}/jobs/job`,
      apiVersion: ml,
      body: {
        properties: {
          jobType: "AutoML",
          computeId: `${workspace}/computes/gpu`,
          identity: { identityType: "AMLToken" },
          tags: { a: "b" },
          queueSettings: { jobTier: "Standard" },
          outputs: { best_model: { jobOutputType: "mlflow_model", mode: "ReadWriteMount" } },
          taskDetails: {
            taskType: "ImageObjectDetection",
            primaryMetric: "MeanAveragePrecision",
            targetColumnName: "label",
            trainingData: { jobInputType: "mltable", uri: `${workspace}/data/set/versions/1` },
            limitSettings: { timeout: "PT1H", maxTrials: 1, maxConcurrentTrials: 1 },
            sweepSettings: {
              samplingAlgorithm: "Random",
              earlyTermination: { policyType: "Bandit", slackFactor: 0.2, evaluationInterval: 2 },
            },
            modelSettings: { modelName: "yolov5", numberOfEpochs: 1 },
            searchSpace: [{ learningRate: "uniform(0.001,0.01)" }],
          },
        },
      },
    },
    {
      id: `${workspace}/schedules/nightly`,
      apiVersion: ml,
      body: {
        properties: {
          displayName: "Nightly",
          isEnabled: false,
          trigger: { triggerType: "Cron", expression: "0 3 * * 1", timeZone: "UTC" },
          action: {
            actionType: "CreateJob",
            jobDefinition: {
              jobType: "AutoML",
              computeId: `${workspace}/computes/gpu`,
              tags: { a: "b" },
              taskDetails: {
                taskType: "ImageObjectDetection",
                targetColumnName: "label",
                trainingData: { jobInputType: "mltable", uri: `${workspace}/data/set/versions/1` },
                limitSettings: { timeout: "PT1H", maxTrials: 1 },
              },
            },
          },
        },
      },
    },
    {
      id: `${workspace}/labelingJobs/project`,
      apiVersion: "2024-01-01-preview",
      body: {
        properties: {
          jobType: "Labeling",
          dataConfiguration: { dataId: `${workspace}/data/set/versions/1`, incrementalDataRefresh: "Enabled" },
          labelCategories: {
            objects: {
              displayName: "Objects",
              multiSelect: "Disabled",
              classes: { person: { displayName: "person" } },
            },
          },
          labelingJobMediaProperties: { mediaType: "Image", annotationType: "BoundingBox" },
          mlAssistConfiguration: { mlAssist: "Disabled" },
        },
      },
    },
    {
      id: registry,
      apiVersion: ml,
      body: {
        location,
        tags: { a: "b" },
        identity: { type: "SystemAssigned" },
        properties: { regionDetails: [{ location }] },
      },
    },
    { id: `${registry}/models/detector`, apiVersion: ml, body: version({}) },
    // Its content has to be uploaded first, to where the registry says.
    {
      id: `${registry}/models/detector/versions/1`,
      apiVersion: ml,
      body: version({ modelType: "custom_model", modelUri: "" }),
    },
    {
      id: cluster,
      apiVersion: versions.clusters,
      body: {
        location,
        identity: { type: "SystemAssigned" },
        properties: {
          dnsPrefix: "aks",
          agentPoolProfiles: [
            {
              name: "system",
              mode: "System",
              vmSize: "Standard_D4s_v5",
              count: 1,
              upgradeSettings: { maxSurge: "10%" },
            },
          ],
          oidcIssuerProfile: { enabled: true },
        },
      },
    },
    {
      id: `${cluster}/agentPools/gpu`,
      apiVersion: versions.clusters,
      body: { properties: { vmSize: "Standard_NC16as_T4_v3", mode: "User", count: 1, nodeTaints: ["a=b:NoSchedule"] } },
    },
    {
      id: `${cluster}/trustedAccessRoleBindings/azureml`,
      apiVersion: versions.clusters,
      body: {
        properties: {
          sourceResourceId: workspace,
          roles: ["Microsoft.MachineLearningServices/workspaces/mlworkload"],
        },
      },
    },
    {
      id: `${cluster}/providers/Microsoft.KubernetesConfiguration/extensions/azureml`,
      apiVersion: versions.extensions,
      body: {
        identity: { type: "SystemAssigned" },
        properties: {
          extensionType: "Microsoft.AzureML.Kubernetes",
          scope: { cluster: { releaseNamespace: "azureml" } },
          configurationSettings: { enableInference: "True", allowInsecureConnections: "True" },
        },
      },
    },
    {
      id: endpoint,
      apiVersion: ml,
      body: { location, identity: { type: "SystemAssigned" }, properties: { authMode: "Key", traffic: {} } },
    },
    {
      id: `${endpoint}/deployments/blue`,
      apiVersion: ml,
      body: {
        location,
        sku: { name: "Default", capacity: 1 },
        properties: {
          endpointComputeType: "Kubernetes",
          model: `${workspace}/models/detector/versions/1`,
          environmentVariables: { A: "b" },
          requestSettings: { requestTimeout: "PT60S" },
          scaleSettings: { scaleType: "TargetUtilization", minInstances: 1, maxInstances: 2 },
        },
      },
    },
    {
      id: `${workspace}/batchEndpoints/batch`,
      apiVersion: ml,
      body: { location, properties: { authMode: "AADToken", description: "d" } },
    },
    {
      id: `${workspace}/batchEndpoints/batch/deployments/blue`,
      apiVersion: ml,
      body: {
        location,
        properties: {
          compute: `${workspace}/computes/gpu`,
          model: { referenceType: "Id", assetId: `${workspace}/models/detector/versions/1` },
          codeConfiguration: { codeId: `${workspace}/codes/score/versions/1`, scoringScript: "batch_score.py" },
          environmentId: `${workspace}/environments/scoring/versions/1`,
        },
      },
    },
    ...supportingSamples(group, workspace, account),
  ];
}
