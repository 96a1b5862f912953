import { deployer } from "../../../local/emulator/constants";
import { roles, TestCloud, versions } from "./testCloud";

const identities = "Microsoft.ManagedIdentity/userAssignedIdentities";
const identityVersion = "2023-01-31";
const networkVersion = "2024-05-01";

describe("a request to Resource Manager", () => {
  let cloud: TestCloud;
  let group: string;
  beforeAll(async () => {
    cloud = await TestCloud.start();
    group = await cloud.group("rg");
  }, 30_000);
  afterAll(() => cloud.remove());

  const many = Object.fromEntries(Array.from({ length: 51 }, (_, index) => [`tag${index}`, "v"]));
  test.each<[string, string, Record<string, string>]>([
    ["51 tags", "InvalidRequestContent", many],
    ["a tag's name of 513 characters", "InvalidTagName", { ["x".repeat(513)]: "v" }],
    ["a tag's value of 257 characters", "InvalidTagValueLength", { name: "x".repeat(257) }],
    ["a reserved character in a tag's name", "InvalidTagNameCharacters", { "a<b": "v" }],
    ["names of tags that differ in case alone", "InvalidRequestContent", { Owner: "a", owner: "b" }],
  ])("with %s is refused", async (_what, code, tags) => {
    const answer = await cloud.arm("PUT", `${group}/providers/${identities}/tagged`, identityVersion, {
      location: "eastus2",
      tags,
    });
    expect([answer.status, answer.body.error?.code, answer.body.error?.target]).toEqual([400, code, "tags"]);
  });

  test("with the most tags that are allowed is taken", async () => {
    const tags = Object.fromEntries(Object.entries(many).slice(1));
    const answer = await cloud.arm("PUT", `${group}/providers/${identities}/tagged`, identityVersion, {
      location: "eastus2",
      tags: { ...tags, tag1: "x".repeat(256) },
    });
    expect([answer.status, Object.keys(answer.body.tags ?? {}).length]).toEqual([201, 50]);
  });

  test("tells a malformed subscription id from one that is not there", async () => {
    const ask = async (id: string) =>
      (await cloud.arm("GET", `/subscriptions/${id}/resourceGroups`, versions.groups)).body.error?.code;
    expect([await ask("local"), await ask("00000000-0000-0000-0000-000000000001")]).toEqual([
      "InvalidSubscriptionId",
      "SubscriptionNotFound",
    ]);
  });

  test("with a body of another media type is refused", async () => {
    const url = `${cloud.record.url}${group}?api-version=${versions.groups}`;
    const authorization = `Bearer ${await cloud.token()}`;
    const answer = await cloud.raw(
      "PUT",
      url,
      { authorization, "content-type": "text/plain" },
      '{"location":"eastus2"}',
    );
    expect(answer.status).toBe(415);
  });

  test("may have two slashes where a client's address ends with one", async () => {
    expect((await cloud.arm("GET", `/${group}`, versions.groups)).body.name).toBe("rg");
  });

  test("for the next page is the same in any case of $skipToken", async () => {
    for (const name of ["page-a", "page-b", "page-c"])
      await cloud.put(`${group}/providers/${identities}/${name}`, identityVersion, { location: "eastus2" });
    const first = await cloud.request("GET", `${group}/providers/${identities}?api-version=${identityVersion}&$top=1`);
    const { nextLink = "" } = first.body;
    const [asGiven, lower] = await Promise.all([
      cloud.request("GET", nextLink),
      cloud.request("GET", nextLink.replace(/(%24|\$)skipToken/, "$skiptoken")),
    ]);
    expect(asGiven.body.value?.map(({ name }) => name)).toEqual(["page-b"]);
    expect(lower.body).toEqual({ ...asGiven.body, nextLink: expect.any(String) as string });
    expect(lower.body.value).not.toEqual(first.body.value);
  });

  test("that deletes a role assignment is answered with it, as az wants it", async () => {
    const id = await cloud.grant(group, deployer.objectId, roles.reader);
    const deleted = await cloud.arm("DELETE", id, versions.roles);
    expect([deleted.status, deleted.body.properties?.principalId]).toEqual([200, deployer.objectId]);
    expect((await cloud.arm("DELETE", id, versions.roles)).status).toBe(204);
  });

  test("for a network makes its subnets, and removes those that it no longer names", async () => {
    const id = `${group}/providers/Microsoft.Network/virtualNetworks/net`;
    const subnet = (name: string, place: number) => ({
      name,
      properties: { addressPrefix: `10.0.${place}.0/24` },
    });
    const put = (subnets: object[]) =>
      cloud.put(id, networkVersion, {
        location: "eastus2",
        properties: { addressSpace: { addressPrefixes: ["10.0.0.0/16"] }, subnets },
      });
    const names = async () => (await cloud.arm("GET", `${id}/subnets`, networkVersion)).body.value?.map((s) => s.name);
    await put([subnet("a", 1), subnet("b", 2)]);
    expect(await names()).toEqual(["a", "b"]);
    const { properties } = await put([subnet("b", 2)]);
    expect(await names()).toEqual(["b"]);
    expect(properties?.subnets).toMatchObject([
      { id: `${id}/subnets/b`, properties: { addressPrefix: "10.0.2.0/24" } },
    ]);
  });

  test("for a private endpoint to what is not there is refused, and so is one into no subnet", async () => {
    const id = `${group}/providers/Microsoft.Network/privateEndpoints/pe`;
    const subnetId = `${group}/providers/Microsoft.Network/virtualNetworks/net/subnets/b`;
    const put = (subnet: string, privateLinkServiceId: string) =>
      cloud.arm("PUT", id, networkVersion, {
        location: "eastus2",
        properties: {
          subnet: { id: subnet },
          privateLinkServiceConnections: [{ name: "one", properties: { privateLinkServiceId, groupIds: ["blob"] } }],
        },
      });
    const [noTarget, noSubnet] = [await put(subnetId, `${group}/nothing`), await put(`${subnetId}x`, group)];
    expect([noTarget.status, noTarget.body.error?.code]).toEqual([400, "InvalidResourceReference"]);
    expect(noSubnet.body.error?.target).toBe("properties.subnet.id");
  });

  test("never gets a secret of a supporting service back", async () => {
    const id = `${group}/providers/Microsoft.DBforPostgreSQL/flexibleServers/secret-pg`;
    const answer = await cloud.put(id, "2025-08-01", {
      location: "eastus2",
      sku: { name: "Standard_B1ms", tier: "Burstable" },
      properties: { version: "16", administratorLogin: "me", administratorLoginPassword: "hush-Hush-1" },
    });
    expect(answer.properties).toMatchObject({ administratorLogin: "me", state: "Ready" });
    expect(JSON.stringify(answer)).not.toContain("hush");
  });
});
