import type { ServiceError } from "@grpc/grpc-js";
import { TestCloud, until, versions } from "../emulator/testCloud";
import { initFailed, Provider, type InitFailed } from "./engineSide";

const account = "storage:StorageAccount";
const workspaceType = "machinelearningservices:Workspace";
const endpointType = "machinelearningservices:OnlineEndpoint";

/** The stand-in's process over gRPC, against a cloud: what a program and its user see of the azure-native plugin. */
describe("the stand-in of azure-native, as the engine runs it", () => {
  let cloud: TestCloud;
  let provider: Provider;
  let workspace: string;
  const inGroup = { resourceGroupName: "rg" };
  const ofWorkspace = { ...inGroup, workspaceName: "mlw" };

  beforeAll(async () => {
    cloud = await TestCloud.start(true);
    workspace = await cloud.workspace("mlw", await cloud.group());
    provider = await Provider.start(cloud.record);
  }, 60_000);
  afterAll(async () => {
    await provider.stop();
    await cloud.remove();
  });
  afterEach(() => cloud.admin("DELETE", "faults"));

  const failedBy = async (operation: Promise<unknown>): Promise<ServiceError> =>
    operation.then(
      () => {
        throw new Error("it did not fail");
      },
      (error: unknown) => error as ServiceError,
    );
  const fault = (method: string, path: string, happens: object, count = 1) =>
    cloud.admin("POST", "faults", { match: { method, path }, count, fault: happens });
  const accountInputs = (name: string, more: object = {}) => ({
    ...inGroup,
    accountName: name,
    location: "eastus2",
    kind: "StorageV2",
    sku: { name: "Standard_LRS" },
    allowSharedKeyAccess: false,
    ...more,
  });
  const accountId = (name: string) =>
    `${cloud.subscription}/resourceGroups/rg/providers/Microsoft.Storage/storageAccounts/${name}`;

  describe("check", () => {
    test("names, and takes the location of the resource group and its own api-version", async () => {
      const { inputs, failures } = await provider.check(account, {
        ...inGroup,
        kind: "StorageV2",
        sku: { name: "Standard_LRS" },
      });
      expect(failures).toEqual([]);
      expect(inputs).toMatchObject({
        accountName: "test614742c2",
        location: "eastus2",
        azureApiVersion: versions.storage,
        __createBeforeDelete: true,
      });
    });

    test("an old location stays, and the configured one comes before the group's", async () => {
      const { inputs } = await provider.check(account, inGroup, { location: "westus" });
      expect(inputs.location).toBe("westus");
      const configured = await Provider.start(cloud.record, { "azure-native:config:location": "northeurope" });
      expect((await configured.check(account, inGroup)).inputs.location).toBe("northeurope");
      await configured.stop();
    });

    test("says what is missing and mistyped in the plugin's words, all at once", async () => {
      const { failures } = await provider.check(account, { resourceGroupName: "none", accountName: 5, sku: "LRS" });
      expect(failures).toEqual(
        expect.arrayContaining([
          "'accountName' should be of type 'string' but got a number",
          "'sku' should be of type 'object' but got a string",
          "missing required property 'kind'",
        ]),
      );
    });
  });

  describe("create", () => {
    test("goes to the end of the operation, and answers what a GET answers", async () => {
      const { id, outputs } = await provider.create(endpointType, {
        ...ofWorkspace,
        endpointName: "first-endpoint",
        location: "eastus2",
        identity: { type: "SystemAssigned" },
        properties: { authMode: "Key" },
      });
      expect(id).toBe(`${workspace}/onlineEndpoints/first-endpoint`);
      expect(outputs).toMatchObject({
        name: "first-endpoint",
        azureApiVersion: versions.ml,
        properties: { provisioningState: "Succeeded", scoringUri: expect.stringContaining("first-endpoint") as string },
      });
    });

    test("what is there already is refused, and stays as it is", async () => {
      const error = await failedBy(provider.create(account, accountInputs("mlwst", { tags: { mine: "no" } })));
      expect(error.details).toBe(`cannot create already existing resource '${accountId("mlwst")}'`);
      expect((await cloud.arm("GET", accountId("mlwst"), versions.storage)).body.tags).toBeUndefined();
    });

    test("what cannot be looked up is not written", async () => {
      await fault("GET", "storageAccounts/unseen", { status: 403, code: "Nope" });
      const error = await failedBy(provider.create(account, accountInputs("unseen")));
      expect(error.details).toContain(`cannot check existence of resource '${accountId("unseen")}': status code 403, `);
      expect((await cloud.arm("GET", accountId("unseen"), versions.storage)).status).toBe(404);
    });

    test("what the service refuses leaves nothing in the state", async () => {
      const error = await failedBy(provider.create(account, accountInputs("UPPER")));
      expect(error.details).toMatch(/^Status=400 Code="AccountNameInvalid" /);
      expect(error.metadata.get("grpc-status-details-bin")).toEqual([]);
    });

    test("a limit of requests and an operation under way are waited for", async () => {
      await fault("PUT", "storageAccounts/patient", { status: 429, retryAfter: 1 });
      await fault("PUT", "storageAccounts/patient", { status: 409, code: "AnotherOperationInProgress", retryAfter: 1 });
      await expect(provider.create(account, accountInputs("patient"))).resolves.toMatchObject({
        id: accountId("patient"),
      });
    });

    test("an answer that cannot be read again has to do", async () => {
      const inputs = accountInputs("unread");
      const { id, outputs } = await provider.create(account, inputs);
      await fault("GET", "storageAccounts/unread", { status: 404 });
      const updated = await provider.update(account, id, outputs, { ...inputs, tags: { a: "1" } });
      expect(updated).toMatchObject({ name: "unread", tags: { a: "1" } });
    });
  });

  describe("an endpoint that was accepted is in the state", () => {
    const inputs = (name: string) => ({
      ...ofWorkspace,
      endpointName: name,
      location: "eastus2",
      identity: { type: "SystemAssigned" },
      properties: { authMode: "Key" },
    });
    const left = async (operation: Promise<unknown>): Promise<InitFailed> => initFailed(await failedBy(operation));

    test("when its operation fails, and the next run goes on with it", async () => {
      await fault("GET", "/operationsStatus/", { status: 400, code: "Boom", message: "It broke." });
      const failed = await left(provider.create(endpointType, inputs("half-done")));
      expect(failed).toMatchObject({
        id: `${workspace}/onlineEndpoints/half-done`,
        reasons: [expect.stringContaining("It broke.") as string],
        inputs: inputs("half-done"),
        properties: { name: "half-done" },
      });
      const outputs = await provider.update(endpointType, failed.id, failed.properties, inputs("half-done"));
      expect(outputs).toMatchObject({ properties: { provisioningState: "Succeeded" } });
    });

    test("when its custom timeout is over", async () => {
      await fault("GET", "/operationsStatus/", { slowMs: 30_000 });
      const failed = await left(provider.create(endpointType, inputs("too-slow"), 1));
      expect(failed).toMatchObject({ id: `${workspace}/onlineEndpoints/too-slow`, properties: { name: "too-slow" } });
    });

    test("when it is canceled", async () => {
      const canceled = await Provider.start(cloud.record);
      await fault("GET", "/operationsStatus/", { slowMs: 30_000 });
      try {
        const creating = left(canceled.create(endpointType, inputs("canceled")));
        // It knows that the endpoint was accepted once it asks how far that is.
        await until(async () => {
          const { value } = (await cloud.admin("GET", "faults")).body as unknown as { value: { fired: number }[] };
          return (value.at(-1)?.fired ?? 0) > 0;
        });
        await canceled.cancel();
        const id = `${workspace}/onlineEndpoints/canceled`;
        expect(await creating).toMatchObject({ id, inputs: inputs("canceled") });
      } finally {
        await canceled.stop();
      }
    });
  });

  test("subnets that are declared beside their network survive its update", async () => {
    const network = "network:VirtualNetwork";
    const inputs = {
      ...inGroup,
      virtualNetworkName: "net",
      location: "eastus2",
      addressSpace: { addressPrefixes: ["10.0.0.0/16"] },
    };
    const { id, outputs } = await provider.create(network, inputs);
    const subnet = { ...inGroup, virtualNetworkName: "net", subnetName: "inner", addressPrefix: "10.0.1.0/24" };
    await provider.create("network:Subnet", subnet);
    const updated = await provider.update(network, id, outputs, { ...inputs, tags: { a: "1" } });
    expect(updated).toMatchObject({ tags: { a: "1" }, subnets: [{ name: "inner", addressPrefix: "10.0.1.0/24" }] });
    expect((await provider.read(network, id, inputs, outputs)).inputs).toEqual({ ...inputs, tags: { a: "1" } });
  });

  test("refresh sees what was changed in Azure, and the next diff says so", async () => {
    const inputs = accountInputs("drift", { tags: { a: "1" } });
    const { id, outputs } = await provider.create(account, inputs);
    const { body } = await cloud.arm("GET", id, versions.storage);
    await cloud.put(id, versions.storage, { ...body, tags: { a: "1", byHand: "2" } });
    const read = await provider.read(account, id, inputs, outputs);
    expect(read.inputs).toEqual({ ...inputs, tags: { a: "1", byHand: "2" } });
    expect(await provider.diff(account, read.inputs, inputs)).toEqual({
      changed: true,
      replaces: [],
      deleteFirst: false,
    });
    expect((await provider.read(account, id, read.inputs, read.outputs)).inputs).toEqual(read.inputs);
  });

  test("what was deleted in Azure is gone", async () => {
    const { id } = await provider.create(account, accountInputs("shortlived"));
    await cloud.arm("DELETE", id, versions.storage);
    expect((await provider.read(account, id, accountInputs("shortlived"))).id).toBe("");
    await provider.delete(account, id);
  });

  test("import finds inputs with which nothing would change", async () => {
    const { inputs, outputs } = await provider.read(workspaceType, workspace);
    expect(inputs).toMatchObject({ ...ofWorkspace, location: "eastus2", identity: { type: "SystemAssigned" } });
    expect(Object.keys(inputs)).not.toEqual(expect.arrayContaining(["workspaceId", "mlFlowTrackingUri", "systemData"]));
    const checked = await provider.check(workspaceType, inputs, inputs);
    expect(checked.failures).toEqual([]);
    expect(await provider.diff(workspaceType, inputs, checked.inputs, outputs)).toMatchObject({ changed: false });
  });

  test("replacements delete first, unless the name is the plugin's own", async () => {
    const olds = { ...accountInputs("replaced"), isHnsEnabled: false };
    const news = { ...olds, isHnsEnabled: true };
    expect(await provider.diff(account, olds, news)).toEqual({
      changed: true,
      replaces: ["isHnsEnabled"],
      deleteFirst: true,
    });
    const named = { ...olds, __createBeforeDelete: true };
    expect(await provider.diff(account, named, news)).toMatchObject({ replaces: ["isHnsEnabled"], deleteFirst: false });
  });

  test("to write down what the resource has already is no replacement", async () => {
    const { isHnsEnabled: _, ...olds } = { ...accountInputs("same"), isHnsEnabled: false };
    const answer = await provider.diff(account, olds, { ...olds, isHnsEnabled: false }, { isHnsEnabled: false });
    expect(answer).toEqual({ changed: true, replaces: [], deleteFirst: false });
  });

  test("what is always there with its parent is set back, not deleted", async () => {
    const service = "storage:BlobServiceProperties";
    const inputs = { ...inGroup, accountName: "mlwst", blobServicesName: "default", isVersioningEnabled: true };
    const { id, outputs } = await provider.create(service, inputs);
    expect(outputs.isVersioningEnabled).toBe(true);
    await provider.delete(service, id);
    expect((await cloud.arm("GET", id, versions.storage)).body.properties?.isVersioningEnabled).toBeUndefined();
  });

  describe("functions", () => {
    test("list keys and tokens", async () => {
      const args = { ...ofWorkspace, endpointName: "first-endpoint" };
      const keys = await provider.invoke("machinelearningservices:listOnlineEndpointKeys", args);
      expect(keys).toEqual({ primaryKey: expect.any(String) as string, secondaryKey: expect.any(String) as string });
      const found = await provider.invoke("machinelearningservices:getOnlineEndpoint", args);
      expect(found).toMatchObject({ name: "first-endpoint", azureApiVersion: versions.ml });
      const workspaceKeys = await provider.invoke("machinelearningservices:listWorkspaceKeys", ofWorkspace);
      expect(workspaceKeys).toMatchObject({ userStorageResourceId: accountId("mlwst") });
    });

    test("an endpoint with tokens gives one", async () => {
      const inputs = {
        ...ofWorkspace,
        endpointName: "by-token",
        location: "eastus2",
        properties: { authMode: "AMLToken" },
      };
      await provider.create(endpointType, inputs);
      const token = await provider.invoke("machinelearningservices:getOnlineEndpointToken", {
        ...ofWorkspace,
        endpointName: "by-token",
      });
      expect(token).toMatchObject({ tokenType: "Bearer", accessToken: expect.any(String) as string });
    });

    test("tell who asks", async () => {
      const config = await provider.invoke("authorization:getClientConfig");
      expect(config).toMatchObject({ subscriptionId: cloud.record.subscriptionId, tenantId: cloud.record.tenantId });
      const { token } = await provider.invoke("authorization:getClientToken");
      const groups = `${cloud.subscription}/resourceGroups?api-version=${versions.groups}`;
      expect((await cloud.request("GET", groups, { token: String(token) })).status).toBe(200);
    });

    test("fail with the id that they asked for", async () => {
      const args = { ...inGroup, workspaceName: "none" };
      const error = await failedBy(provider.invoke("machinelearningservices:getWorkspace", args));
      expect(error.details).toMatch(/^request failed .*\/workspaces\/none: Status=404 Code="ResourceNotFound"/);
    });
  });
});
