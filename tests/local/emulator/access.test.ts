import { randomUUID } from "node:crypto";
import { blobTarget } from "../../../local/emulator/blobRequest";
import { deployer, service } from "../../../local/emulator/constants";
import { Identity } from "../../../local/emulator/identity";
import { isAllowed } from "../../../local/emulator/rbac/permissions";
import { builtInRoles, roleOf } from "../../../local/emulator/rbac/roles";
import { join } from "node:path";
import { roles, TestCloud, versions } from "./testCloud";

const someone = {
  objectId: "11111111-2222-4333-8444-555555555555",
  clientId: "66666666-7777-4888-8999-000000000000",
  name: "someone",
};

describe("roles", () => {
  const of = (role: string, scope = "/subscriptions/s/resourcegroups/g") => [
    { principalId: "p", scope, role: roleOf(role)! },
  ];
  const id = (name: string) => builtInRoles.find((role) => role.name === name)?.id ?? "";
  const ml = "Microsoft.MachineLearningServices/workspaces";
  const blobs = "Microsoft.Storage/storageAccounts/blobServices/containers/blobs";

  test.each([
    ["Owner", "Microsoft.Authorization/roleAssignments/write", true],
    ["Contributor", "Microsoft.Authorization/roleAssignments/write", false],
    ["Contributor", "Microsoft.Authorization/roleAssignments/read", true],
    ["Contributor", "Microsoft.Authorization/locks/delete", false],
    ["Reader", `${ml}/read`, true],
    ["Reader", `${ml}/listKeys/action`, false],
    ["AzureML Data Scientist", `${ml}/jobs/write`, true],
    ["AzureML Data Scientist", `${ml}/read`, true],
    ["AzureML Data Scientist", `${ml}/write`, false],
    ["AzureML Data Scientist", `${ml}/computes/write`, false],
    ["AzureML Compute Operator", `${ml}/computes/write`, true],
    ["AzureML Compute Operator", `${ml}/jobs/write`, false],
  ])("%s: %s is %s", (role, action, expected) => {
    expect(isAllowed(of(id(role)), "P", action, "/subscriptions/s/resourceGroups/G/x")).toBe(expected);
  });

  test.each([
    ["Owner", `${blobs}/read`, false],
    ["Storage Blob Data Reader", `${blobs}/read`, true],
    ["Storage Blob Data Reader", `${blobs}/write`, false],
    ["Storage Blob Data Contributor", `${blobs}/delete`, true],
  ])("%s: data action %s is %s", (role, action, expected) => {
    expect(isAllowed(of(id(role)), "p", action, "/subscriptions/s/resourceGroups/g", "dataAction")).toBe(expected);
  });

  test("reach what lies below their scope, and nothing beside it", () => {
    const allowed = (scope: string, principal = "p") => isAllowed(of(roles.reader), principal, `${ml}/read`, scope);
    expect(allowed("/subscriptions/s/resourceGroups/g/providers/x")).toBe(true);
    expect(allowed("/subscriptions/s/resourceGroups/g2")).toBe(false);
    expect(allowed("/subscriptions/s")).toBe(false);
    expect(allowed("/subscriptions/s/resourceGroups/g", "q")).toBe(false);
  });
});

test.each([
  ["GET", "/acct?comp=list", "containers/read"],
  ["POST", "/acct?restype=service&comp=userdelegationkey", "service/delegate"],
  ["PUT", "/acct/c?restype=container", "containers/write"],
  ["GET", "/acct/c?restype=container&comp=list", "blobs/read"],
  ["DELETE", "/acct/c?restype=container", "containers/delete"],
  ["HEAD", "/acct/c/a/b.jpg", "blobs/read"],
  ["PUT", "/acct/c/a?comp=block&blockid=1", "blobs/write"],
  ["DELETE", "/acct/c/a", "blobs/delete"],
  ["PUT", "/acct/c/a?comp=tags", "blobs/tags/write"],
])("%s %s needs %s", (method, url, permission) => {
  const [path = "", query] = url.split("?");
  expect(blobTarget(method, path, new URLSearchParams(query)).permission).toBe(permission);
});

/** The clock of a cloud whose time nobody has changed. */
const realClock = { now: Date.now, realTimeOf: (localMs: number) => localMs };

describe("role assignments have an effect", () => {
  let cloud: TestCloud;
  let group: string;
  let account: string;
  let identity: Identity;
  beforeAll(async () => {
    cloud = await TestCloud.start();
    group = await cloud.group("rg");
    account = await cloud.account("accessst", group);
    identity = await Identity.open(join(cloud.stateFolder, "cloud"), cloud.record.url, realClock);
    const container = await cloud.container("accessst", "data");
    await container.create();
    await container.getBlockBlobClient("a.txt").upload("hello", 5);
  }, 60_000);
  afterAll(() => cloud.remove());

  const as = (method: string, id: string, version: string, body?: unknown) =>
    cloud.request(method, `${id}?api-version=${version}`, {
      body,
      token: identity.issue(`${cloud.record.url}/`, someone).token,
    });
  const blob = (method: string, path: string, principal = someone) =>
    cloud.raw(method, `${cloud.record.blobUrl}/accessst/${path}`, {
      authorization: `Bearer ${identity.issue("https://storage.azure.com/", principal).token}`,
      "x-ms-version": "2024-11-04",
      ...(method === "PUT" ? { "x-ms-blob-type": "BlockBlob" } : {}),
    });

  test("Resource Manager, in Azure's words, from none over Reader to Contributor", async () => {
    const refused = await as("GET", group, versions.groups);
    expect([refused.status, refused.body.error?.code]).toEqual([403, "AuthorizationFailed"]);
    expect(refused.body.error?.message).toBe(
      `The client '${someone.clientId}' with object id '${someone.objectId}' does not have authorization to perform action 'Microsoft.Resources/subscriptions/resourceGroups/read' over scope '${group}' or the scope is invalid. If access was recently granted, please refresh your credentials.`,
    );
    const reader = await cloud.grant(group, someone.objectId, roles.reader);
    expect((await as("GET", account, versions.storage)).status).toBe(200);
    const put = await as("PUT", group, versions.groups, { location: "eastus2" });
    expect([put.status, put.body.error?.code]).toEqual([403, "AuthorizationFailed"]);
    expect((await as("POST", `${account}/listKeys`, versions.storage)).body.error?.code).toBe("AuthorizationFailed");

    const contributor = await cloud.grant(group, someone.objectId, roles.contributor);
    expect((await as("PUT", group, versions.groups, { location: "eastus2" })).status).toBe(200);
    expect((await as("DELETE", contributor, versions.roles)).body.error?.code).toBe("AuthorizationFailed");
    for (const id of [contributor, reader]) expect((await cloud.arm("DELETE", id, versions.roles)).status).toBe(200);
    expect((await as("GET", group, versions.groups)).status).toBe(403);
  });

  test("blobs: of who has no role, of a reader, of a contributor of one container", async () => {
    const refused = await blob("GET", "data/a.txt");
    expect([refused.status, refused.headers.get("x-ms-error-code")]).toEqual([403, "AuthorizationPermissionMismatch"]);
    expect(refused.text).toContain("This request is not authorized to perform this operation using this permission.");

    const owner = await cloud.grant(group, someone.objectId, roles.contributor);
    expect((await blob("GET", "data/a.txt")).status).toBe(403);
    const reader = await cloud.grant(group, someone.objectId, roles.blobReader);
    expect((await blob("GET", "data/a.txt")).text).toBe("hello");
    expect((await blob("GET", "data?restype=container&comp=list")).status).toBe(200);
    expect((await blob("PUT", "data/b.txt")).headers.get("x-ms-error-code")).toBe("AuthorizationPermissionMismatch");

    await cloud.grant(`${account}/blobServices/default/containers/data`, someone.objectId, roles.blobContributor);
    expect((await blob("PUT", "data/b.txt")).status).toBe(201);
    expect((await blob("PUT", "other?restype=container")).status).toBe(201);
    expect((await blob("PUT", "other/b.txt")).status).toBe(403);
    for (const id of [owner, reader]) await cloud.arm("DELETE", id, versions.roles);
    expect((await blob("DELETE", "data/b.txt")).status).toBe(202);
    expect((await blob("GET", "other/b.txt")).status).toBe(403);
  });

  test("a signed address has the rights of who asked for its key", async () => {
    const address = `${cloud.record.blobUrl}/accessst/data/a.txt?sig=x&skoid=${service.clientId}`;
    const unsigned = await cloud.raw("GET", address, {});
    expect(unsigned.headers.get("x-ms-error-code")).toBe("AuthorizationPermissionMismatch");
  });

  test("a container of a client of the blob service is one of Resource Manager", async () => {
    const containers = `${account}/blobServices/default/containers`;
    const listed = await cloud.arm("GET", containers, versions.storage);
    expect(listed.body.value?.map(({ name }) => name)).toContain("data");
    await (await cloud.container("accessst", "brief")).create();
    expect((await cloud.arm("GET", `${containers}/brief`, versions.storage)).status).toBe(200);
    await (await cloud.container("accessst", "brief")).delete();
    expect((await cloud.arm("GET", `${containers}/brief`, versions.storage)).status).toBe(404);
  });

  test("a deployment whose endpoint has no role on storage fails as users meet it", async () => {
    const workspace = await cloud.workspace("mlw", group);
    await (await cloud.container("mlwst", "azureml")).getBlockBlobClient("model.pt").upload("w", 1);
    const model = `${workspace}/models/detector/versions/1`;
    const place = `azureml://subscriptions/${cloud.record.subscriptionId}/resourcegroups/rg/workspaces/mlw/datastores/workspaceartifactstore/paths/model.pt`;
    await cloud.put(model, versions.ml, { properties: { modelType: "custom_model", modelUri: place } });
    const mine = `${group}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/mine`;
    const { properties: assigned } = await cloud.put(mine, "2023-01-31", { location: "eastus2" });
    const deploy = async (name: string, given: object) => {
      const endpoint = `${workspace}/onlineEndpoints/${name}`;
      await cloud.put(endpoint, versions.ml, { location: "eastus2", identity: given, properties: { authMode: "Key" } });
      const answer = await cloud.arm("PUT", `${endpoint}/deployments/blue`, versions.ml, {
        location: "eastus2",
        properties: { endpointComputeType: "Kubernetes", model },
      });
      await cloud.finish(answer);
      const operation = await cloud.request("GET", answer.headers.get("azure-asyncoperation") ?? "");
      return operation.body.error?.message;
    };
    const identity = { type: "UserAssigned", userAssignedIdentities: { [mine]: {} } };
    expect(await deploy("without", identity)).toContain("ErrorCode:AuthorizationPermissionMismatch");
    // Those whose role is there fail later, as the weights are none.
    expect(await deploy("automatic", { type: "SystemAssigned" })).toContain("did not start");
    await cloud.grant(
      `${group}/providers/Microsoft.Storage/storageAccounts/mlwst`,
      String(assigned?.principalId),
      roles.blobReader,
    );
    expect(await deploy("granted", identity)).toContain("did not start");
  }, 30_000);

  test("nobody but the cloud itself is the service", async () => {
    const header = identity.headerOf(someone);
    const token = await cloud.token("https://storage.azure.com/", header);
    expect(JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString())).toMatchObject({
      oid: someone.objectId,
    });
    expect([deployer.objectId, someone.objectId]).not.toContain(service.objectId);
  });

  test("assignments survive a kill -9", async () => {
    const before = await blob("GET", "data?restype=container&comp=list");
    await cloud.killAndRestart();
    expect((await blob("GET", "data?restype=container&comp=list")).status).toBe(before.status);
    expect((await as("GET", group, versions.groups)).status).toBe(403);
  }, 30_000);

  test.each([
    ["nobody knows", randomUUID(), undefined, 400, "PrincipalNotFound"],
    ["is not known yet, and of a type", randomUUID(), "ServicePrincipal", 201, undefined],
    ["is a person of a directory elsewhere", randomUUID(), "User", 201, undefined],
    ["is known", deployer.objectId, undefined, 201, undefined],
    ["is known as something else", deployer.objectId, "User", 400, "UnmatchedPrincipalType"],
  ])("a role for who %s", async (_, principalId, principalType, status, code) => {
    const id = `${account}/providers/Microsoft.Authorization/roleAssignments/${randomUUID()}`;
    const roleDefinitionId = `${cloud.subscription}/providers/Microsoft.Authorization/roleDefinitions/${roles.reader}`;
    const answer = await cloud.arm("PUT", id, versions.roles, {
      properties: { principalId, roleDefinitionId, principalType },
    });
    expect([answer.status, answer.body.error?.code]).toEqual([status, code]);
    await cloud.arm("DELETE", id, versions.roles);
  });

  test("a role that there is not, and a condition that would not be evaluated, are refused", async () => {
    const put = (properties: object) =>
      cloud.arm(
        "PUT",
        `${group}/providers/Microsoft.Authorization/roleAssignments/${someone.clientId}`,
        versions.roles,
        {
          properties: { principalId: someone.objectId, ...properties },
        },
      );
    const definition = (role: string) =>
      `${cloud.subscription}/providers/Microsoft.Authorization/roleDefinitions/${role}`;
    expect((await put({ roleDefinitionId: definition(someone.clientId) })).body.error?.code).toBe(
      "RoleDefinitionDoesNotExist",
    );
    const conditional = await put({
      roleDefinitionId: definition(roles.reader),
      condition: "true",
      conditionVersion: "2.0",
    });
    expect(conditional.status).toBe(501);
  });
});
