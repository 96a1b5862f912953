import { TestCloud, until, versions } from "./testCloud";

describe("soft delete", () => {
  let cloud: TestCloud;
  let group: string;
  beforeAll(async () => {
    cloud = await TestCloud.start();
    group = await cloud.group("rg");
  }, 60_000);
  afterAll(() => cloud.remove());

  const remove = async (id: string, version: string, query = "") => {
    const answer = await cloud.request("DELETE", `${id}?api-version=${version}${query}`);
    expect(await cloud.finish(answer)).toBe("Succeeded");
    return answer.status;
  };

  describe("of a workspace", () => {
    let workspace: string;
    const body = (more = {}) => ({
      location: "eastus2",
      identity: { type: "SystemAssigned" },
      properties: {
        storageAccount: `${group}/providers/Microsoft.Storage/storageAccounts/mlwst`,
        keyVault: `${group}/providers/Microsoft.KeyVault/vaults/mlw-kv`,
        ...more,
      },
    });
    const put = (more = {}) => cloud.arm("PUT", workspace, versions.ml, body(more));
    beforeAll(async () => {
      workspace = await cloud.workspace("mlw", group);
      await cloud.put(`${workspace}/data/set/versions/1`, versions.ml, {
        properties: { dataType: "uri_folder", dataUri: "azureml://x" },
      });
      await cloud.put(`${workspace}/computes/cpu`, versions.ml, {
        location: "eastus2",
        properties: { computeType: "AmlCompute", properties: { vmSize: "Standard_D2s_v3" } },
      });
    }, 30_000);

    test("blocks its name, also after a kill -9", async () => {
      expect(await remove(workspace, versions.ml)).toBe(202);
      await cloud.killAndRestart();
      expect((await cloud.arm("GET", workspace, versions.ml)).status).toBe(404);
      const refused = await put();
      expect([refused.status, refused.body.error]).toEqual([
        400,
        {
          code: "BadRequest",
          message: "Soft-deleted workspace exists. Please purge or recover it. https://aka.ms/wsoftdelete",
        },
      ]);
    }, 30_000);

    test("is undone with its data, without its computes", async () => {
      await cloud.finish(await put({ allowRecoverSoftDeletedWorkspace: "True" }));
      expect((await cloud.arm("GET", `${workspace}/data/set/versions/1`, versions.ml)).status).toBe(200);
      expect((await cloud.arm("GET", `${workspace}/computes/cpu`, versions.ml)).status).toBe(404);
      const { properties } = (await cloud.arm("GET", workspace, versions.ml)).body;
      expect(properties).not.toHaveProperty("allowRecoverSoftDeletedWorkspace");
    });

    test("is ended by a purge, of the deleted one and of one that is there", async () => {
      await remove(workspace, versions.ml);
      expect(await remove(workspace, versions.ml, "&forceToPurge=true")).toBe(200);
      await cloud.finish(await put());
      expect((await cloud.arm("GET", `${workspace}/data/set`, versions.ml)).status).toBe(404);
      expect(await remove(workspace, versions.ml, "&forceToPurge=true")).toBe(202);
      expect((await put()).status).toBe(201);
    });
  });

  describe("of a vault", () => {
    const vaults = "/providers/Microsoft.KeyVault/vaults";
    const deleted = () => `${cloud.subscription}/providers/Microsoft.KeyVault/locations/eastus2/deletedVaults/keep-kv`;
    const put = (more = {}, where = group) =>
      cloud.arm("PUT", `${where}${vaults}/keep-kv`, versions.vaults, {
        location: "eastus2",
        tags: { a: "b" },
        properties: {
          tenantId: cloud.record.tenantId,
          sku: { family: "A", name: "standard" },
          softDeleteRetentionInDays: 7,
          ...more,
        },
      });

    test("blocks its name in every group, and is listed", async () => {
      await put();
      await cloud.put(`${group}${vaults}/keep-kv/secrets/key`, versions.vaults, { properties: { value: "hush" } });
      expect((await cloud.arm("DELETE", `${group}${vaults}/keep-kv`, versions.vaults)).status).toBe(200);
      for (const where of [group, await cloud.group("other")]) {
        const refused = await put({}, where);
        expect([refused.status, refused.body.error?.code]).toEqual([409, "ConflictError"]);
        expect(refused.body.error?.message).toContain("A vault with the same name already exists in deleted state.");
      }
      const found = await cloud.arm("GET", deleted(), versions.vaults);
      expect(found.body).toMatchObject({
        id: deleted(),
        name: "keep-kv",
        type: "Microsoft.KeyVault/deletedVaults",
        properties: { vaultId: `${group}${vaults}/keep-kv`, location: "eastus2", tags: { a: "b" } },
      });
      const { deletionDate, scheduledPurgeDate } = found.body.properties as Record<string, string>;
      expect(Date.parse(scheduledPurgeDate ?? "") - Date.parse(deletionDate ?? "")).toBe(7 * 24 * 3600 * 1000);
      const list = await cloud.arm(
        "GET",
        `${cloud.subscription}/providers/Microsoft.KeyVault/deletedVaults`,
        versions.vaults,
      );
      expect(list.body.value?.map(({ name }) => name)).toContain("keep-kv");
    });

    test("is undone with its secrets", async () => {
      expect((await put({ createMode: "recover" })).status).toBe(200);
      expect((await cloud.arm("GET", `${group}${vaults}/keep-kv/secrets/key`, versions.vaults)).status).toBe(200);
      expect((await cloud.arm("GET", deleted(), versions.vaults)).body.error?.code).toBe("DeletedVaultNotFound");
    });

    test("is ended by a purge, unless the vault is protected from it", async () => {
      await cloud.arm("DELETE", `${group}${vaults}/keep-kv`, versions.vaults);
      expect((await cloud.arm("POST", `${deleted()}/purge`, versions.vaults)).status).toBe(200);
      expect((await put({ enablePurgeProtection: true })).status).toBe(201);
      await cloud.arm("DELETE", `${group}${vaults}/keep-kv`, versions.vaults);
      expect((await cloud.arm("POST", `${deleted()}/purge`, versions.vaults)).status).toBe(405);
    });
  });

  test("outlives the group", async () => {
    const doomed = await cloud.group("doomed");
    const workspace = await cloud.workspace("doom", doomed);
    await cloud.arm("DELETE", doomed, versions.groups);
    await until(async () => (await cloud.arm("GET", doomed, versions.groups)).status === 404);
    await cloud.group("doomed");
    await expect(cloud.workspace("doom", doomed)).rejects.toThrow(/ConflictError|Soft-deleted/);
    expect((await cloud.request("DELETE", `${workspace}?api-version=${versions.ml}&forceToPurge=true`)).status).toBe(
      200,
    );
  });
});
