import { zipOf } from "../../../lib/zip/write";
import { TestCloud, versions } from "./testCloud";

const amounts = { cpu: "4", memory: "20Gi" };

describe("what a deployment may ask for", () => {
  let cloud: TestCloud;
  let workspace: string;

  beforeAll(async () => {
    cloud = await TestCloud.start();
    const group = await cloud.group();
    workspace = await cloud.workspace("rules", group);
    const cluster = `${group}/providers/Microsoft.ContainerService/managedClusters/aks`;
    await cloud.put(cluster, versions.clusters, {
      location: "eastus2",
      identity: { type: "SystemAssigned" },
      properties: {
        dnsPrefix: "aks",
        agentPoolProfiles: [{ name: "system", mode: "System", vmSize: "Standard_D4s_v5", count: 1 }],
      },
    });
    await cloud.put(`${cluster}/providers/Microsoft.KubernetesConfiguration/extensions/azureml`, versions.extensions, {
      properties: {
        extensionType: "Microsoft.AzureML.Kubernetes",
        configurationSettings: { enableInference: "True", allowInsecureConnections: "True" },
      },
    });
    const compute = (properties: object) => ({
      location: "eastus2",
      properties: { computeType: "Kubernetes", resourceId: cluster, properties },
    });
    const early = await cloud.arm(
      "PUT",
      `${workspace}/computes/aks`,
      versions.ml,
      compute({ defaultInstanceType: "gpu" }),
    );
    expect(early.body.error?.message).toMatch(/'gpu' is not in the cluster 'aks'.*Apply an InstanceType/);
    const manifest = {
      apiVersion: "amlarc.azureml.com/v1alpha1",
      kind: "InstanceType",
      metadata: { name: "gpu" },
      spec: { resources: { requests: amounts, limits: { ...amounts, "nvidia.com/gpu": "1" } } },
    };
    await cloud.request("POST", `${cluster}/runCommand?api-version=${versions.clusters}`, {
      body: { command: "kubectl apply -f t", context: zipOf({ t: JSON.stringify(manifest) }).toString("base64") },
    });
    await cloud.put(`${workspace}/computes/aks`, versions.ml, compute({ defaultInstanceType: "gpu" }));
    await cloud.put(`${workspace}/computes/lost`, versions.ml, compute({ namespace: "nowhere" }));
    for (const [name, more] of [
      ["onaks", { compute: `${workspace}/computes/aks` }],
      ["onlost", { compute: `${workspace}/computes/lost` }],
      ["onmachines", {}],
    ] as const)
      await cloud.put(`${workspace}/onlineEndpoints/${name}`, versions.ml, {
        location: "eastus2",
        identity: { type: "SystemAssigned" },
        properties: { authMode: "Key", ...more },
      });
    const { body } = await cloud.arm("GET", `${workspace}/datastores/workspaceblobstore`, versions.ml);
    const store = await cloud.container("rulesst", String(body.properties?.containerName));
    await store.getBlockBlobClient("model/MLmodel").uploadData(Buffer.from("flavors: {}"));
    const modelUri = `azureml:/${workspace.replace("/providers/Microsoft.MachineLearningServices", "")}/datastores/workspaceblobstore/paths/model`;
    for (const modelType of ["custom_model", "mlflow_model"])
      await cloud.put(`${workspace}/models/${modelType}/versions/1`, versions.ml, {
        properties: { modelType, modelUri },
      });
  }, 90_000);
  afterAll(() => cloud.remove());

  const limits = (of: object, requests: object = {}) => ({
    containerResourceRequirements: { containerResourceRequests: requests, containerResourceLimits: of },
  });
  const managed = { endpointComputeType: "Managed", instanceType: "Standard_NC4as_T4_v3" };
  const refusal = async (endpoint: string, properties: object, capacity = 1) => {
    const { status, body } = await cloud.arm(
      "PUT",
      `${workspace}/onlineEndpoints/${endpoint}/deployments/blue`,
      versions.ml,
      {
        location: "eastus2",
        sku: { name: "Default", capacity },
        properties: {
          endpointComputeType: "Kubernetes",
          model: `${workspace}/models/custom_model/versions/1`,
          ...properties,
        },
      },
    );
    return [status, body.error?.target ?? body.error?.code, body.error?.message];
  };

  test.each<[string, string, object, string, RegExp]>([
    [
      "an instance type that there is not",
      "onaks",
      { instanceType: "tpu" },
      "properties.instanceType",
      /'tpu' is not one of defaultinstancetype, gpu/,
    ],
    [
      "a limit above the type's",
      "onaks",
      limits({ cpu: "5" }),
      "properties.containerResourceRequirements.containerResourceLimits.cpu",
      /5, is above that of instance type 'gpu', 4/,
    ],
    [
      "a request above the type's",
      "onaks",
      limits({}, { memory: "21Gi" }),
      "properties.containerResourceRequirements.containerResourceRequests.memory",
      /21Gi/,
    ],
    [
      "a request above its limit",
      "onaks",
      limits({ cpu: "1" }, { cpu: "2" }),
      "properties.containerResourceRequirements.containerResourceRequests.cpu",
      /above its limit, 1/,
    ],
    [
      "a GPU of a type without",
      "onaks",
      { instanceType: "defaultinstancetype", ...limits({ gpu: "1" }) },
      "properties.containerResourceRequirements.containerResourceLimits.gpu",
      /'defaultinstancetype', 0/,
    ],
    ["a namespace that there is not", "onlost", {}, "endpointName", /'nowhere' is not in the cluster/],
    [
      "an MLflow model with less than two CPUs",
      "onaks",
      { model: "mlflow", ...limits({}, { cpu: "1", memory: "5Gi" }) },
      "properties.containerResourceRequirements.containerResourceRequests.cpu",
      /at least 2 CPUs and 4Gi/,
    ],
    [
      "two successes of liveness",
      "onaks",
      { livenessProbe: { successThreshold: 2 } },
      "properties.livenessProbe.successThreshold",
      /Kubernetes takes 1 alone/,
    ],
    [
      "a period that is no duration",
      "onaks",
      { readinessProbe: { period: "10s" } },
      "properties.readinessProbe.period",
      /no duration of ISO 8601/,
    ],
    [
      "more replicas at least than at most",
      "onaks",
      { scaleSettings: { scaleType: "TargetUtilization", minInstances: 3, maxInstances: 2 } },
      "properties.scaleSettings.maxInstances",
      /at least minInstances, 3/,
    ],
    [
      "machines on a compute",
      "onaks",
      managed,
      "properties.endpointComputeType",
      /takes deployments of type Kubernetes/,
    ],
    [
      "machines that Azure has retired",
      "onmachines",
      { ...managed, instanceType: "Standard_NC6" },
      "properties.instanceType",
      /retired/,
    ],
    [
      "machines that scale as replicas do",
      "onmachines",
      { ...managed, scaleSettings: { scaleType: "TargetUtilization" } },
      "properties.scaleSettings.scaleType",
      /takes Default/,
    ],
    [
      "more than 180 seconds of machines",
      "onmachines",
      { ...managed, requestSettings: { requestTimeout: "PT181S" } },
      "properties.requestSettings.requestTimeout",
      /180 seconds/,
    ],
    [
      "resources of containers of machines",
      "onmachines",
      { ...managed, ...limits({ cpu: "1" }) },
      "properties.containerResourceRequirements",
      /containerResourceRequirements/,
    ],
  ])("is not %s", async (_what, endpoint, { model, ...properties }: { model?: string }, target, message) => {
    const given =
      model === "mlflow" ? { ...properties, model: `${workspace}/models/mlflow_model/versions/1` } : properties;
    expect(await refusal(endpoint, given)).toEqual([400, target, expect.stringMatching(message)]);
  });

  test("is at least one machine, and as many as the quota has cores for", async () => {
    expect((await refusal("onmachines", managed, 0)).slice(0, 2)).toEqual([400, "sku.capacity"]);
    expect(await refusal("onmachines", managed, 51)).toEqual([
      400,
      "properties.instanceType",
      expect.stringMatching(/Additional needed: 204/),
    ]);
  });
});
