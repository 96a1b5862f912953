import { TestCloud, until, versions, type ArmBody } from "./testCloud";

describe("Azure Resource Manager", () => {
  let cloud: TestCloud;
  let group: string;
  let workspace: string;
  beforeAll(async () => {
    cloud = await TestCloud.start();
    group = await cloud.group("rg");
    workspace = await cloud.workspace("mlw", group);
  }, 60_000);
  afterAll(() => cloud.remove());

  const storageBody = { location: "eastus2", kind: "StorageV2", sku: { name: "Standard_LRS" }, properties: {} };
  const storagePath = (name: string) => `/providers/Microsoft.Storage/storageAccounts/${name}`;

  describe("refuses", () => {
    const cases: {
      name: string;
      method?: string;
      path: () => string;
      query?: string;
      body?: unknown;
      status: number;
      code: string;
      target?: string;
    }[] = [
      {
        name: "a request without api-version",
        path: () => `${group}`,
        query: "",
        status: 400,
        code: "MissingApiVersionParameter",
      },
      {
        name: "an api-version that the type does not have",
        path: () => workspace,
        query: "?api-version=1999-01-01",
        status: 400,
        code: "NoRegisteredProviderFound",
      },
      {
        name: "another subscription",
        path: () => "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/rg",
        query: `?api-version=${versions.groups}`,
        status: 404,
        code: "SubscriptionNotFound",
      },
      {
        name: "a resource that is not there",
        path: () => `${workspace}/computes/none`,
        status: 404,
        code: "ResourceNotFound",
      },
      {
        name: "a group that is not there",
        path: () => `${group}x`,
        query: `?api-version=${versions.groups}`,
        status: 404,
        code: "ResourceGroupNotFound",
      },
      {
        name: "a resource in a group that is not there",
        method: "PUT",
        path: () => `${group}x${storagePath("acct")}`,
        query: `?api-version=${versions.storage}`,
        body: storageBody,
        status: 404,
        code: "ResourceGroupNotFound",
      },
      {
        name: "a child of a resource that is not there",
        method: "PUT",
        path: () => `${workspace}x/computes/cpu`,
        body: {
          location: "eastus2",
          properties: { computeType: "AmlCompute", properties: { vmSize: "STANDARD_NC4AS_T4_V3" } },
        },
        status: 404,
        code: "ParentResourceNotFound",
      },
      {
        name: "a type that it does not have",
        path: () => `${group}/providers/Microsoft.Compute/virtualMachines/vm`,
        status: 501,
        code: "NotImplemented",
      },
      {
        name: "an action that it does not have",
        method: "POST",
        path: () => `${workspace}/diagnose`,
        status: 501,
        code: "NotImplemented",
      },
      {
        name: "PUT of a collection",
        method: "PUT",
        path: () => `${workspace}/computes`,
        body: {},
        status: 405,
        code: "MethodNotAllowed",
      },
      {
        name: "an unknown property",
        method: "PUT",
        path: () => `${group}${storagePath("acct")}`,
        query: `?api-version=${versions.storage}`,
        body: { ...storageBody, properties: { allowSharedKeyAcess: false } },
        status: 400,
        code: "InvalidRequestContent",
        target: "properties.allowSharedKeyAcess",
      },
      {
        name: "a value that the enumeration does not have",
        method: "PUT",
        path: () => `${group}${storagePath("acct")}`,
        query: `?api-version=${versions.storage}`,
        body: { ...storageBody, properties: { minimumTlsVersion: "TLS9" } },
        status: 400,
        code: "InvalidRequestContent",
        target: "properties.minimumTlsVersion",
      },
      {
        name: "a missing discriminator",
        method: "PUT",
        path: () => `${workspace}/computes/cpu`,
        body: { location: "eastus2", properties: { properties: { vmSize: "STANDARD_NC4AS_T4_V3" } } },
        status: 400,
        code: "MissingRequiredProperty",
        target: "properties.computeType",
      },
      {
        name: "a missing location",
        method: "PUT",
        path: () => `${group}${storagePath("acct")}`,
        query: `?api-version=${versions.storage}`,
        body: { kind: "StorageV2", sku: { name: "Standard_LRS" } },
        status: 400,
        code: "LocationRequired",
      },
      {
        name: "a move to another location",
        method: "PUT",
        path: () => `${group}${storagePath("mlwst")}`,
        query: `?api-version=${versions.storage}`,
        body: { ...storageBody, location: "westeurope" },
        status: 409,
        code: "InvalidResourceLocation",
      },
    ];
    test.each(cases)("$name", async ({ method = "GET", path, query, body, status, code, target }) => {
      const answer = await cloud.request(method, `${path()}${query ?? `?api-version=${versions.ml}`}`, { body });
      expect({ status: answer.status, code: answer.body.error?.code }).toEqual({ status, code });
      expect(answer.headers.get("x-ms-error-code")).toBe(code);
      expect(answer.body.error?.message).not.toBe("");
      if (target) expect(answer.body.error?.target).toBe(target);
    });

    test("an empty body", async () => {
      const answer = await cloud.request("PUT", `${group}?api-version=${versions.groups}`, {
        headers: { "content-type": "application/json" },
        body: undefined,
      });
      expect(answer.body.error?.code).toBe("InvalidRequestContent");
    });

    test("a refused version leaves no container behind", async () => {
      const version = `${workspace}/data/refused/versions/1`;
      const answer = await cloud.arm("PUT", version, versions.ml, { properties: { dataType: "uri_folder" } });
      expect(answer.status).toBe(400);
      expect((await cloud.arm("GET", `${workspace}/data/refused`, versions.ml)).status).toBe(404);
    });
  });

  test("PUT, GET, PATCH, HEAD and DELETE, with ids in any case", async () => {
    const id = `${group}${storagePath("lifecycle")}`;
    const created = await cloud.arm("PUT", id, versions.storage, { ...storageBody, tags: { a: "1", b: "2" } });
    // Its specification has no 201.
    expect(created.status).toBe(200);
    expect(created.body).toMatchObject({ id, name: "lifecycle", type: "Microsoft.Storage/storageAccounts" });
    expect((await cloud.arm("PUT", id, versions.storage, { ...storageBody, tags: { a: "1", b: "2" } })).status).toBe(
      200,
    );

    const shouted = await cloud.arm(
      "GET",
      id.toUpperCase().replace("/SUBSCRIPTIONS", "/subscriptions"),
      versions.storage,
    );
    expect(shouted.body.id).toBe(id);
    expect((await cloud.request("HEAD", `${id}?api-version=${versions.storage}`)).status).toBe(204);

    const patched = await cloud.arm("PATCH", id, versions.storage, { tags: { b: null, c: "3" } });
    expect(patched.body).toMatchObject({ tags: { a: "1", c: "3" }, kind: "StorageV2" });
    expect(patched.body.tags).not.toHaveProperty("b");
    expect(patched.body.systemData?.createdAt).toBe(created.body.systemData?.createdAt);

    expect((await cloud.arm("DELETE", id, versions.storage)).status).toBe(200);
    expect((await cloud.arm("DELETE", id, versions.storage)).status).toBe(204);
    expect((await cloud.arm("GET", id, versions.storage)).status).toBe(404);
  });

  test("every answer carries ids to trace it by", async () => {
    const answer = await cloud.request("GET", `${group}?api-version=${versions.groups}`, {
      headers: { "x-ms-correlation-request-id": "mine" },
    });
    expect(answer.headers.get("x-ms-request-id")).toMatch(/^[0-9a-f-]{36}$/);
    expect(answer.headers.get("x-ms-correlation-request-id")).toBe("mine");
  });

  test("a write on a stale ETag is refused", async () => {
    const path = `${group}?api-version=${versions.groups}`;
    const stale = (await cloud.request("GET", path)).headers.get("etag") ?? "";
    const body = { location: "eastus2" };
    expect((await cloud.request("PUT", path, { body, headers: { "if-match": stale } })).status).toBe(200);
    const refused = await cloud.request("PUT", path, { body, headers: { "if-match": stale } });
    expect([refused.status, refused.body.error?.code]).toEqual([412, "PreconditionFailed"]);
    expect((await cloud.request("PUT", path, { body, headers: { "if-none-match": "*" } })).status).toBe(412);
  });

  test("a long-running PUT is followed through Azure-AsyncOperation, and so is its DELETE", async () => {
    const id = `${workspace}/computes/cpu`;
    const body = {
      location: "eastus2",
      properties: {
        computeType: "AmlCompute",
        properties: { vmSize: "STANDARD_NC4AS_T4_V3", scaleSettings: { maxNodeCount: 2, minNodeCount: 0 } },
      },
    };
    const created = await cloud.arm("PUT", id, versions.ml, body);
    expect([created.status, created.body.properties?.provisioningState]).toEqual([201, "Creating"]);
    expect(created.headers.get("retry-after")).toBe("1");
    expect(await cloud.finish(created)).toBe("Succeeded");
    expect((await cloud.arm("GET", id, versions.ml)).body.properties).toMatchObject({
      provisioningState: "Succeeded",
      properties: { allocationState: "Steady", currentNodeCount: 0 },
    });
    const deleted = await cloud.arm("DELETE", id, versions.ml);
    expect(deleted.status).toBe(202);
    expect(await cloud.finish(deleted)).toBe("Succeeded");
    expect((await cloud.request("GET", deleted.headers.get("location") ?? "")).status).toBe(204);
    expect((await cloud.arm("GET", id, versions.ml)).status).toBe(404);
  });

  test("an operation that a kill -9 cut off goes on after the restart", async () => {
    const id = `${workspace}/computes/cut-off`;
    const created = await cloud.arm("PUT", id, versions.ml, {
      location: "eastus2",
      properties: { computeType: "AmlCompute", properties: { vmSize: "STANDARD_NC4AS_T4_V3" } },
    });
    await cloud.killAndRestart();
    expect(await cloud.finish(created)).toBe("Succeeded");
    expect((await cloud.arm("GET", id, versions.ml)).body.properties?.provisioningState).toBe("Succeeded");
  }, 30_000);

  test("collections come in pages, of a group and of the subscription", async () => {
    const names = Array.from({ length: 5 }, (_, index) => `paged${index}`);
    for (const name of names) {
      await cloud.put(`${group}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/${name}`, "2023-01-31", {
        location: "eastus2",
      });
    }
    const collection = "/providers/Microsoft.ManagedIdentity/userAssignedIdentities?api-version=2023-01-31";
    for (const scope of [group, cloud.subscription]) {
      const seen: string[] = [];
      let next: string | undefined = `${scope}${collection}&$top=2`;
      let pages = 0;
      while (next) {
        const { body }: { body: ArmBody } = await cloud.request("GET", next);
        seen.push(...(body.value ?? []).map(({ name }) => name ?? ""));
        next = body.nextLink;
        pages++;
      }
      expect({ seen, pages }).toEqual({ seen: names, pages: 3 });
    }
  });

  test("deleting a group deletes all in it, blobs included", async () => {
    const doomed = await cloud.group("doomed");
    const id = await cloud.account("doomedaccount", doomed);
    const container = `${id}/blobServices/default/containers/images`;
    await cloud.put(container, versions.storage, { properties: {} });
    await (await cloud.container("doomedaccount", "images")).getBlockBlobClient("a").uploadData(Buffer.from("a"));
    const deleted = await cloud.arm("DELETE", doomed, versions.groups);
    expect([deleted.status, deleted.headers.get("azure-asyncoperation")]).toEqual([202, null]);
    await until(async () => (await cloud.request("GET", deleted.headers.get("location") ?? "")).status === 204);
    expect((await cloud.arm("GET", doomed, versions.groups)).status).toBe(404);

    await cloud.group("doomed");
    expect((await cloud.arm("GET", id, versions.storage)).status).toBe(404);
    await cloud.account("doomedaccount", doomed);
    expect((await cloud.arm("GET", container, versions.storage)).status).toBe(404);
    expect(await (await cloud.container("doomedaccount", "images")).exists()).toBe(false);
  });
});
