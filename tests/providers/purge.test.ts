import { TestCloud, versions } from "../local/emulator/testCloud";
import { call } from "./driver";

describe("purge", () => {
  let cloud: TestCloud;
  let workspace: string;
  let vault: string;
  beforeAll(async () => {
    cloud = await TestCloud.start();
    const group = await cloud.group("rg");
    workspace = await cloud.workspace("mlw", group);
    vault = `${group}/providers/Microsoft.KeyVault/vaults/mlw-kv`;
  }, 60_000);
  afterAll(() => cloud.remove());

  const freed = async (resourceId: string) => {
    const { thrown } = await call(cloud.record, "purge", "delete", "id", { resourceId, location: "eastus2" });
    expect(thrown).toBeUndefined();
  };
  const deletedVaults = async () =>
    (await cloud.arm("GET", `${cloud.subscription}/providers/Microsoft.KeyVault/deletedVaults`, versions.vaults)).body
      .value;

  test("leaves what is there alone", async () => {
    for (const id of [workspace, vault]) await freed(id);
    expect((await cloud.arm("GET", workspace, versions.ml)).status).toBe(200);
    expect((await cloud.arm("GET", vault, versions.vaults)).status).toBe(200);
  }, 30_000);

  test("frees the names of what was deleted, and can be repeated", async () => {
    const { identity: _, ...body } = (await cloud.arm("GET", workspace, versions.ml)).body;
    await cloud.finish(await cloud.arm("DELETE", workspace, versions.ml));
    expect((await cloud.arm("PUT", workspace, versions.ml, body)).status).toBe(400);
    for (let time = 0; time < 2; time++) await freed(workspace);
    await cloud.arm("DELETE", vault, versions.vaults);
    expect(await deletedVaults()).toHaveLength(1);
    for (let time = 0; time < 2; time++) await freed(vault);
    expect(await deletedVaults()).toEqual([]);
  }, 60_000);
});
