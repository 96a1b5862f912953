import { deployer } from "../../../local/emulator/constants";
import { roles, TestCloud, until, versions } from "./testCloud";

describe("what Resource Manager has beside resources", () => {
  let cloud: TestCloud;
  let group: string;
  let account: string;
  beforeAll(async () => {
    cloud = await TestCloud.start();
    group = await cloud.group("rg");
    account = await cloud.account("catalogst", group);
  }, 60_000);
  afterAll(() => cloud.remove());

  const get = (path: string, version: string, query = "") =>
    cloud.request("GET", `${path}?api-version=${version}${query}`);

  test("tenant, subscription, locations", async () => {
    expect((await get("/tenants", "2022-12-01")).body.value).toMatchObject([
      { id: `/tenants/${cloud.record.tenantId}` },
    ]);
    expect((await get("/subscriptions", "2022-12-01")).body.value).toMatchObject([{ id: cloud.subscription }]);
    expect((await get(cloud.subscription, "2022-12-01")).body.id).toBe(cloud.subscription);
    expect((await get(`${cloud.subscription}/locations`, "2022-12-01")).body.value).toMatchObject([
      { name: "eastus2", displayName: "East US 2" },
    ]);
  });

  test("an api-version that is none of the operation's is refused with those that are", async () => {
    const { error } = (await get(`${cloud.subscription}/locations`, "1999-01-01")).body;
    expect(error?.code).toBe("InvalidApiVersionParameter");
    expect(error?.message).toContain("2022-12-01");
  });

  test("providers with their types, and their registration", async () => {
    const list = (await get(`${cloud.subscription}/providers`, "2021-04-01")).body.value as unknown as {
      namespace: string;
      registrationState: string;
      resourceTypes: { resourceType: string; apiVersions: string[]; locations: string[] }[];
    }[];
    const ml = list.find(({ namespace }) => namespace === "Microsoft.MachineLearningServices");
    expect(ml?.registrationState).toBe("Registered");
    const workspaces = ml?.resourceTypes.find(({ resourceType }) => resourceType === "workspaces");
    expect(workspaces?.apiVersions).toContain(versions.ml);
    expect(workspaces?.locations).toEqual(["East US 2"]);
    expect(ml?.resourceTypes.map(({ resourceType }) => resourceType)).toContain("locations/usages");
    const storage = `${cloud.subscription}/providers/Microsoft.Storage`;
    expect((await get(storage, "2021-04-01")).body).toMatchObject({ namespace: "Microsoft.Storage" });
    expect((await cloud.arm("POST", `${storage}/unregister`, "2021-04-01")).body).toMatchObject({
      registrationState: "Unregistered",
    });
    const refused = `${group}/providers/Microsoft.Storage/storageAccounts/unregisteredst`;
    const body = { location: "eastus2", kind: "StorageV2", sku: { name: "Standard_LRS" } };
    expect((await cloud.arm("PUT", refused, versions.storage, body)).body.error).toMatchObject({
      code: "MissingSubscriptionRegistration",
    });
    expect((await cloud.arm("POST", `${storage}/register`, "2021-04-01")).body).toMatchObject({
      registrationState: "Registered",
    });
    expect((await get(`${cloud.subscription}/providers/Microsoft.Sql`, "2021-04-01")).status).toBe(501);
  });

  test("resources of any type, filtered and in pages", async () => {
    const all = await get(`${cloud.subscription}/resources`, "2021-04-01");
    expect(all.body.value).toMatchObject([
      { id: account, type: "Microsoft.Storage/storageAccounts", location: "eastus2" },
    ]);
    expect(all.body.value?.[0]).not.toHaveProperty("properties");
    const resources = `${group}/resources`;
    const filter = (text: string) => `&$filter=${encodeURIComponent(text)}`;
    const count = async (text: string) => (await get(resources, "2021-04-01", filter(text))).body.value?.length;
    expect(await count("resourceType eq 'microsoft.storage/storageaccounts'")).toBe(1);
    expect(await count("resourceType eq 'Microsoft.KeyVault/vaults'")).toBe(0);
    expect(await count("substringof('talog', name) and location eq 'eastus2'")).toBe(1);
    const wrong = await get(resources, "2021-04-01", filter("colour eq 'red'"));
    expect(wrong.body.error?.code).toBe("InvalidFilterInQueryString");
    await cloud.account("catalogtwo", group);
    const page = await get(resources, "2021-04-01", "&$top=1");
    expect(page.body.value).toHaveLength(1);
    expect((await cloud.request("GET", page.body.nextLink ?? "")).body.value).toHaveLength(1);
  });

  test("names that are taken", async () => {
    const check = async (namespace: string, version: string, body: object) =>
      (await cloud.arm("POST", `${cloud.subscription}/providers/${namespace}/checkNameAvailability`, version, body))
        .body;
    const storage = { type: "Microsoft.Storage/storageAccounts" };
    expect(await check("Microsoft.Storage", versions.storage, { ...storage, name: "catalogst" })).toEqual({
      nameAvailable: false,
      reason: "AlreadyExists",
      message: "The storage account named catalogst is already taken.",
    });
    expect(await check("Microsoft.Storage", versions.storage, { ...storage, name: "free" })).toEqual({
      nameAvailable: true,
    });
    expect(await check("Microsoft.Storage", versions.storage, { ...storage, name: "No" })).toMatchObject({
      reason: "AccountNameInvalid",
    });
    expect(
      await check("Microsoft.KeyVault", versions.vaults, { type: "Microsoft.KeyVault/vaults", name: "free-kv" }),
    ).toEqual({ nameAvailable: true });
    const database = { type: "Microsoft.DBforPostgreSQL/flexibleServers" };
    expect(await check("Microsoft.DBforPostgreSQL", "2025-08-01", { ...database, name: "free-pg" })).toEqual({
      nameAvailable: true,
    });
    expect(await check("Microsoft.DBforPostgreSQL", "2025-08-01", { ...database, name: "No" })).toMatchObject({
      reason: "Invalid",
    });
  });

  test("role definitions by id and name, and role assignments at, above and below a scope", async () => {
    const definitions = `${cloud.subscription}/providers/Microsoft.Authorization/roleDefinitions`;
    const named = await get(definitions, versions.roles, "&$filter=roleName eq 'Reader'");
    expect(named.body.value).toMatchObject([{ name: roles.reader, properties: { type: "BuiltInRole" } }]);
    expect((await get(`${definitions}/${roles.blobReader}`, versions.roles)).body.properties?.roleName).toBe(
      "Storage Blob Data Reader",
    );
    const of = async (scope: string, filter = "") =>
      (await get(`${scope}/providers/Microsoft.Authorization/roleAssignments`, versions.roles, filter)).body.value?.map(
        ({ properties }) => String(properties?.roleDefinitionId).split("/").at(-1),
      );
    expect((await of(group))?.sort()).toEqual([
      "8e3af657-a8ff-443c-a75c-2fe8c4bcb635",
      roles.blobContributor,
      roles.blobContributor,
    ]);
    expect(await of(group, "&$filter=atScope()")).toEqual(["8e3af657-a8ff-443c-a75c-2fe8c4bcb635"]);
    expect(await of(account, `&$filter=principalId eq '${deployer.objectId}'`)).toContain(roles.blobContributor);
    const permissions = await get(`${group}/providers/Microsoft.Authorization/permissions`, versions.roles);
    expect(permissions.body.value).toMatchObject([{ actions: ["*"] }]);
  });

  describe("quotas", () => {
    const family = "Standard NCASv3_T4 Family Cluster Dedicated vCPUs";
    const location = () => `${cloud.subscription}/providers/Microsoft.MachineLearningServices/locations/eastus2`;
    const cluster = (vmSize: string, minNodeCount = 0) => ({
      location: "eastus2",
      properties: {
        computeType: "AmlCompute",
        properties: { vmSize, scaleSettings: { minNodeCount, maxNodeCount: 4 } },
      },
    });
    const limit = async (value: number, id = `${location()}/quotas/${family}`) =>
      (
        await cloud.arm("POST", `${location()}/updateQuotas`, versions.ml, {
          value: [{ id, limit: value, unit: "Count" }],
        })
      ).body.value as unknown as { status: string }[];

    test("are listed with their usages, and the sizes", async () => {
      const usages = (await get(`${location()}/usages`, versions.ml)).body.value as unknown as {
        name: { value: string };
        limit: number;
      }[];
      expect(usages.find(({ name }) => name.value === family)?.limit).toBe(200);
      const sizes = (await get(`${location()}/vmSizes`, versions.ml)).body.value as unknown as {
        name: string;
        gpus: number;
      }[];
      expect(sizes.find(({ name }) => name === "STANDARD_NC24ADS_A100_V4")).toMatchObject({ gpus: 1, vCPUs: 24 });
      const skus = `${cloud.subscription}/providers/Microsoft.Compute/skus`;
      expect((await get(skus, "2021-07-01", "&$filter=location eq 'eastus2'")).body.value?.length).toBeGreaterThan(50);
    });

    test("refuse a cluster of which no node fits, and one whose fewest nodes do not", async () => {
      const workspace = await cloud.workspace("quota", group);
      expect(await limit(8)).toMatchObject([{ status: "Success" }]);
      const put = (body: object) => cloud.arm("PUT", `${workspace}/computes/gpu`, versions.ml, body);
      const none = await put(cluster("Standard_NC16as_T4_v3"));
      expect([none.status, none.body.error?.code]).toEqual([400, "ClusterCoreQuotaReached"]);
      expect(none.body.error?.message).toContain(
        "The specified subscription has a Standard NCASv3_T4 family vCPU quota of 8 and cannot accomodate for at least 1 requested managed compute node which maps to 16 vCPUs.",
      );
      expect((await put(cluster("Standard_NC4as_T4_v3", 3))).body.error?.code).toBe("ClusterMinNodesExceedCoreQuota");
      expect((await put(cluster("Standard_NC4as_T4_v3", 2))).status).toBe(201);
      expect(await limit(100, `${workspace}/quotas/${family}`)).toMatchObject([
        { status: "InvalidQuotaExceedsSubscriptionLimit" },
      ]);
      expect(await limit(1, `${location()}/quotas/nothing`)).toMatchObject([{ status: "InvalidVMFamilyName" }]);
    });

    test("of Compute refuse a Kubernetes cluster, and are raised by Microsoft.Quota", async () => {
      const quota = `${cloud.subscription}/providers/Microsoft.Compute/locations/eastus2/providers/Microsoft.Quota/quotas/standardDSv5Family`;
      const set = (value: number) =>
        cloud.arm("PUT", quota, "2023-02-01", { properties: { limit: { limitObjectType: "LimitValue", value } } });
      expect((await set(2)).body.properties?.limit).toEqual({ limitObjectType: "LimitValue", value: 2 });
      const aks = () =>
        cloud.arm("PUT", `${group}/providers/Microsoft.ContainerService/managedClusters/aks`, versions.clusters, {
          location: "eastus2",
          identity: { type: "SystemAssigned" },
          properties: {
            dnsPrefix: "aks",
            agentPoolProfiles: [{ name: "system", mode: "System", vmSize: "Standard_D4s_v5", count: 1 }],
          },
        });
      const refused = await aks();
      expect([refused.status, refused.body.error?.code]).toEqual([400, "ErrCode_InsufficientVCPUQuota"]);
      expect(refused.body.error?.message).toContain("remaining 2 for family standardDSv5Family");
      await set(4);
      expect((await aks()).status).toBe(201);
      const usages = await get(
        `${cloud.subscription}/providers/Microsoft.Compute/locations/eastus2/usages`,
        "2024-07-01",
      );
      const used = (usages.body.value as unknown as { name: { value: string }; currentValue: number }[]).find(
        ({ name }) => name.value === "standardDSv5Family",
      );
      expect(used?.currentValue).toBe(4);
    });
  });

  test("locks hold at their scope, below it and, for deletions, above it", async () => {
    const lock = (scope: string, level: string) =>
      cloud.put(`${scope}/providers/Microsoft.Authorization/locks/hold`, "2020-05-01", { properties: { level } });
    const unlock = (scope: string) =>
      cloud.arm("DELETE", `${scope}/providers/Microsoft.Authorization/locks/hold`, "2020-05-01");
    const locked = await cloud.group("locked");
    const held = await cloud.account("heldst", locked);
    await lock(held, "CanNotDelete");
    for (const [id, version] of [
      [held, versions.storage],
      [locked, versions.groups],
    ] as const) {
      const refused = await cloud.arm("DELETE", id, version);
      expect([refused.status, refused.body.error]).toEqual([
        409,
        {
          code: "ScopeLocked",
          message: `The scope '${id}' cannot perform delete operation because following scope(s) are locked: '${held}'. Please remove the lock and try again.`,
        },
      ]);
    }
    expect((await cloud.arm("PATCH", held, versions.storage, { tags: { a: "b" } })).status).toBe(200);
    await unlock(held);
    await lock(locked, "ReadOnly");
    await cloud.killAndRestart();
    const refused = await cloud.arm("PATCH", held, versions.storage, { tags: {} });
    expect([refused.status, refused.body.error?.code]).toEqual([409, "ScopeLocked"]);
    expect((await cloud.arm("GET", held, versions.storage)).status).toBe(200);
    expect((await unlock(locked)).status).toBe(200);
    expect((await cloud.arm("DELETE", held, versions.storage)).status).toBe(200);
  }, 30_000);

  test("the activity log tells who did what, and how it ended", async () => {
    const correlationId = "0f0f0f0f-1111-4222-8333-444444444444";
    const since = new Date(Date.now() - 60_000).toISOString();
    const send = (method: string, path: string, body?: object) =>
      cloud.request(method, path, { body, headers: { "x-ms-correlation-request-id": correlationId } });
    const doomed = `${cloud.subscription}/resourceGroups/logged`;
    await send("PUT", `${doomed}?api-version=${versions.groups}`, { location: "eastus2" });
    await send("PUT", `${doomed}?api-version=${versions.groups}`, { location: "westeurope" });
    await send("GET", `${doomed}?api-version=${versions.groups}`);
    await send("DELETE", `${doomed}?api-version=${versions.groups}`);
    const log = `${cloud.subscription}/providers/microsoft.insights/eventtypes/management/values`;
    const filter = `&$filter=${encodeURIComponent(`eventTimestamp ge '${since}' and correlationId eq '${correlationId}'`)}`;
    const events = async () =>
      ((await get(log, "2015-04-01", filter)).body.value ?? []) as unknown as {
        operationName: { value: string };
        status: { value: string };
        subStatus: { value: string };
        caller: string;
        resourceId: string;
      }[];
    await until(async () => (await events()).length === 4);
    const found = await events();
    expect(
      found.map(({ operationName, status }) => `${operationName.value.split("/").at(-1)} ${status.value}`).sort(),
    ).toEqual(["delete Accepted", "delete Succeeded", "write Failed", "write Succeeded"]);
    expect(found[0]).toMatchObject({ caller: deployer.clientId, resourceId: doomed });
    expect(found.find(({ status }) => status.value === "Failed")?.subStatus.value).toBe("InvalidResourceGroupLocation");
    expect((await get(log, "2015-04-01")).status).toBe(400);
  });

  test.each([
    ["POST", "/exportTemplate"],
    ["GET", "/providers/Microsoft.Storage/storageAccounts/catalogst/fileServices"],
    ["POST", "/providers/Microsoft.Storage/storageAccounts/catalogst/failover"],
    ["PUT", "/providers/Microsoft.Compute/virtualMachines/vm"],
    ["GET", "/providers/Microsoft.Resources/deployments"],
  ])("%s %s is not there, and says where it is told what is", async (method, path) => {
    const answer = await cloud.arm(method, `${group}${path}`, versions.storage, method === "GET" ? undefined : {});
    expect([answer.status, answer.body.error?.code]).toEqual([501, "NotImplemented"]);
    expect(answer.body.error?.message).toContain("docs/local.md#coverage");
  });

  test("PATCH of a type that has none is no success", async () => {
    const service = `${account}/blobServices/default`;
    expect((await cloud.arm("PATCH", service, versions.storage, { properties: {} })).status).toBe(405);
  });

  test("a client's request id is answered when it asks for it", async () => {
    const ask = (headers: Record<string, string>) =>
      cloud.request("GET", `${group}?api-version=${versions.groups}`, {
        headers: { "x-ms-client-request-id": "mine", ...headers },
      });
    expect((await ask({})).headers.get("x-ms-client-request-id")).toBeNull();
    expect((await ask({ "x-ms-return-client-request-id": "true" })).headers.get("x-ms-client-request-id")).toBe("mine");
  });
});
