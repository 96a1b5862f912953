import { BlobSASPermissions, generateBlobSASQueryParameters } from "@azure/storage-blob";
import { TestCloud, versions } from "./testCloud";

describe("the admin endpoint", () => {
  let cloud: TestCloud;
  let group: string;
  beforeAll(async () => {
    cloud = await TestCloud.start(true);
    group = await cloud.group("rg");
    await cloud.account("faultyst", group);
    await (await cloud.container("faultyst", "images")).createIfNotExists();
  }, 30_000);
  afterAll(() => cloud.remove());
  afterEach(() => cloud.admin("DELETE", "faults"));

  const read = () => cloud.arm("GET", group, versions.groups);
  const fault = async (rule: object) => expect((await cloud.admin("POST", "faults", rule)).status).toBe(201);
  const fired = async () =>
    ((await cloud.admin("GET", "faults")).body.value as unknown as { fired: number }[]).map((rule) => rule.fired);

  test("asks for the token that Resource Manager asks for", async () => {
    for (const [method, path] of [
      ["GET", "clock"],
      ["PUT", "clock"],
      ["POST", "faults"],
      ["POST", "preempt"],
    ] as const)
      expect((await cloud.request(method, `/local/${path}`, { token: "" })).status).toBe(401);
  });

  test.each([
    ["PUT", "clock", {}],
    ["PUT", "clock", { rate: 0 }],
    ["PUT", "clock", { advanceSeconds: -1 }],
    ["PUT", "clock", { speed: 2 }],
    ["POST", "faults", {}],
    ["POST", "faults", { fault: { status: 200 } }],
    ["POST", "faults", { fault: { reset: true, status: 500 } }],
    ["POST", "faults", { fault: { reset: true }, match: { path: "(" } }],
    ["POST", "preempt", {}],
    ["POST", "fail", {}],
    ["POST", "kill", { endpoint: "a" }],
  ])("refuses %s %s %j", async (method, path, body) => {
    const answer = await cloud.admin(method, path, body);
    expect([answer.status, answer.body.error?.code]).toEqual([400, "InvalidRequestContent"]);
  });

  test.each([
    ["preempt", { job: "none" }],
    ["preempt", { compute: "none" }],
    ["fail", { trial: "none_HD_0" }],
    ["kill", { endpoint: "none", deployment: "none" }],
  ])("%s of what is not there is a 404: %j", async (path, body) => {
    expect((await cloud.admin("POST", path, body)).status).toBe(404);
  });

  test("lets the next requests fail with a status, and counts them", async () => {
    await fault({
      match: { method: "GET", path: "/resourceGroups/rg\\?" },
      count: 2,
      fault: { status: 429, retryAfter: 7 },
    });
    for (let time = 0; time < 2; time++) {
      const answer = await read();
      expect([answer.status, answer.headers.get("retry-after"), answer.body.error?.code]).toEqual([
        429,
        "7",
        "InjectedFault",
      ]);
    }
    expect((await read()).status).toBe(200);
    expect(await fired()).toEqual([2]);
    await cloud.admin("DELETE", "faults");
    expect(await fired()).toEqual([]);
  });

  test("cuts connections, before the work and in the midst of the answer", async () => {
    const id = `${group}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/cut`;
    const put = () => cloud.arm("PUT", id, "2023-01-31", { location: "eastus2" });
    await fault({ match: { method: "PUT" }, fault: { reset: true } });
    await expect(put()).rejects.toThrow();
    expect((await cloud.arm("GET", id, "2023-01-31")).status).toBe(404);
    await fault({ match: { method: "PUT" }, fault: { truncate: true } });
    await expect(put()).rejects.toThrow();
    expect((await cloud.arm("GET", id, "2023-01-31")).status).toBe(200);
    expect(await fired()).toEqual([1, 1]);
  });

  test("makes requests slow", async () => {
    await fault({ match: { path: "resourceGroups/rg" }, fault: { slowMs: 300 } });
    const started = performance.now();
    expect((await read()).status).toBe(200);
    expect(performance.now() - started).toBeGreaterThan(290);
  });

  test("lets requests to the blob service go wrong, and other requests alone", async () => {
    const blob = (await cloud.container("faultyst", "images")).getBlockBlobClient("a.txt");
    await blob.upload("content", 7);
    const match = { service: "blobs", path: "/faultyst/images/a.txt" };
    await fault({ match, fault: { status: 503, code: "ServerBusy" } });
    expect((await read()).status).toBe(200);
    await expect(blob.downloadToBuffer()).rejects.toMatchObject({ statusCode: 503 });
    await fault({ match, fault: { reset: true } });
    await expect(blob.downloadToBuffer()).rejects.toThrow();
    await fault({ match, fault: { truncate: true } });
    await expect(blob.downloadToBuffer()).rejects.toThrow();
    expect((await blob.downloadToBuffer()).toString()).toBe("content");
    expect(await fired()).toEqual([1, 1, 1]);
  });

  test("time that leaps lets tokens and signed addresses of the blob service expire", async () => {
    await cloud.account("timest", await cloud.group("time"));
    const container = await cloud.container("timest", "data");
    await container.create();
    await container.getBlockBlobClient("a.txt").upload("hello", 5);
    const url = `${cloud.record.blobUrl}/timest/data/a.txt`;
    const token = await cloud.token("https://storage.azure.com/");
    const byToken = async () => {
      const headers = { authorization: `Bearer ${token}`, "x-ms-version": "2024-11-04" };
      const { status, headers: answered } = await cloud.raw("GET", url, headers);
      return [status, answered.get("x-ms-error-code")];
    };
    const [begin, end] = [new Date(Date.now() - 60_000), new Date(Date.now() + 3_600_000)];
    const key = await (await cloud.blobs("timest")).getUserDelegationKey(begin, end);
    const signed = generateBlobSASQueryParameters(
      {
        containerName: "data",
        blobName: "a.txt",
        permissions: BlobSASPermissions.parse("r"),
        startsOn: begin,
        expiresOn: end,
        version: "2024-11-04",
      },
      key,
      "timest",
    ).toString();
    const byAddress = async () => (await cloud.raw("GET", `${url}?${signed}`, {})).status;
    expect([await byToken(), await byAddress()]).toEqual([[200, null], 200]);
    await cloud.admin("PUT", "clock", { advanceSeconds: 7200 });
    expect(await byAddress()).toBe(403);
    await cloud.admin("PUT", "clock", { advanceSeconds: 86_400 });
    expect(await byToken()).toEqual([401, "InvalidAuthenticationInfo"]);
  });

  test("time that leaps lets tokens expire, stamps resources, and outlives a kill -9", async () => {
    const token = await cloud.token();
    const before = Date.now();
    await cloud.admin("PUT", "clock", { advanceSeconds: 90_000 });
    const expired = await cloud.request("GET", `${group}?api-version=${versions.groups}`, { token });
    expect([expired.status, expired.body.error?.code]).toEqual([401, "ExpiredAuthenticationToken"]);
    const { systemData } = (await cloud.arm("PUT", group, versions.groups, { location: "eastus2" })).body;
    expect(Date.parse(systemData?.lastModifiedAt ?? "") - before).toBeGreaterThan(89_900_000);
    await cloud.admin("PUT", "clock", { rate: 3_600 });
    await cloud.killAndRestart();
    const { body } = await cloud.admin("GET", "clock");
    expect(body).toMatchObject({ rate: 3_600, stopped: false });
    expect(Date.parse((body as unknown as { now: string }).now) - before).toBeGreaterThan(90_000_000);
    await cloud.admin("PUT", "clock", { rate: 1 });
  }, 30_000);
});

test("without the admin endpoint, whoever asks for it is told how to start it", async () => {
  const cloud = await TestCloud.start();
  try {
    const answer = await cloud.admin("GET", "clock");
    expect([answer.status, answer.body.error?.code]).toEqual([404, "AdminEndpointOff"]);
    expect(answer.body.error?.message).toContain("LOCAL_ADMIN=1 npm run local:start");
  } finally {
    await cloud.remove();
  }
}, 30_000);
