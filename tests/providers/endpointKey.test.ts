import { TestCloud, versions } from "../local/emulator/testCloud";
import { call } from "./driver";

interface Outputs {
  secretId: string;
  stale: boolean;
}

describe("the key of an endpoint", () => {
  let cloud: TestCloud;
  let workspace: string;
  let vault: string;

  beforeAll(async () => {
    cloud = await TestCloud.start();
    const group = await cloud.group();
    workspace = await cloud.workspace("keys", group);
    vault = `${group}/providers/Microsoft.KeyVault/vaults/keys-kv`;
    await cloud.put(`${workspace}/onlineEndpoints/detector`, versions.ml, {
      location: "eastus2",
      identity: { type: "SystemAssigned" },
      properties: { authMode: "Key" },
    });
  }, 60_000);
  afterAll(() => cloud.remove());

  const inputs = () => ({
    endpointId: `${workspace}/onlineEndpoints/detector`,
    keyVaultId: vault,
    secretName: "detector-key",
  });
  const lifecycle = (method: string, ...args: unknown[]) => call<Outputs>(cloud.record, "endpointKey", method, ...args);
  const post = (action: string, body?: object) =>
    cloud.request("POST", `${workspace}/onlineEndpoints/detector/${action}?api-version=${versions.ml}`, { body });
  const keyOf = async () => ((await post("listKeys")).body as unknown as { primaryKey: string }).primaryKey;

  test("is in the vault and nowhere else, and is copied again when it was made anew", async () => {
    const made = await lifecycle("create", inputs());
    expect(made.thrown).toBeUndefined();
    expect(JSON.stringify(made)).not.toContain(await keyOf());
    const id = `${vault}/secrets/detector-key`;
    expect(made.answer?.outs).toMatchObject({ secretId: id, stale: false });
    const before = (await cloud.arm("GET", id, versions.vaults)).body;
    const read = async (state: object | undefined) =>
      (await lifecycle("read", id, state)).answer as unknown as { id?: string; props: Outputs };
    expect((await read(made.answer?.outs)).props.stale).toBe(false);

    await post("regenerateKeys", { keyType: "Primary" });
    const seen = await read(made.answer?.outs);
    expect(seen.props.stale).toBe(true);
    const diff = await lifecycle("diff", id, seen.props, inputs());
    expect(diff.answer).toMatchObject({ changes: true, replaces: [] });
    const again = await lifecycle("update", id, seen.props, inputs());
    expect(JSON.stringify(again)).not.toContain(await keyOf());
    expect((await read(again.answer?.outs)).props.stale).toBe(false);
    expect((await cloud.arm("GET", id, versions.vaults)).body).not.toEqual(before);
  }, 60_000);

  test("is gone with its endpoint", async () => {
    const gone = { ...inputs(), endpointId: `${workspace}/onlineEndpoints/none`, secretId: "x" };
    const { answer } = await lifecycle("read", `${vault}/secrets/detector-key`, gone);
    expect(answer).toEqual({});
    expect((await lifecycle("create", gone)).thrown?.message).toMatch(/onlineEndpoints\/none is not there/);
  }, 60_000);
});
