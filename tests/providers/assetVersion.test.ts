import { TestCloud, versions } from "../local/emulator/testCloud";
import { call } from "./driver";

let cloud: TestCloud;
let workspaceId: string;

beforeAll(async () => {
  cloud = await TestCloud.start();
  workspaceId = await cloud.workspace("versions", await cloud.group());
});
afterAll(() => cloud.remove());

interface Inputs {
  assetId: string;
}

/** Inputs as `check` completes them. */
async function inputsOf(assetName: string, version: string, more: object = {}, tags = { images: "12" }) {
  const properties = { dataType: "uri_folder", dataUri: `azureml://${workspaceId}/${assetName}/${version}/`, tags };
  const given = { workspaceId, kind: "data", assetName, version, properties, onSuperseded: "keep", ...more };
  const { answer } = await call<never>(cloud.record, "assetVersion", "check", {}, given);
  return (answer as unknown as { inputs: Inputs }).inputs;
}

async function propertiesOf({ assetId }: Inputs) {
  return (await cloud.arm("GET", assetId, versions.ml)).body.properties as { isArchived: boolean; tags: object };
}

test.each(["keep", "archive"])("an old version that is to %s stays and can come back", async (onSuperseded) => {
  const old = await inputsOf(`asset-${onSuperseded}`, "1", { onSuperseded });
  await call(cloud.record, "assetVersion", "create", old);
  const next = await inputsOf(`asset-${onSuperseded}`, "2", { onSuperseded });
  const { answer } = await call<never>(cloud.record, "assetVersion", "diff", "id", old, next);
  expect(answer).toMatchObject({ changes: true, replaces: ["assetId"] });
  await call(cloud.record, "assetVersion", "create", next);
  await call(cloud.record, "assetVersion", "delete", "id", old);
  expect(await propertiesOf(old)).toMatchObject({ isArchived: onSuperseded === "archive", tags: { images: "12" } });
  expect(await propertiesOf(next)).toMatchObject({ isArchived: false });
  await call(cloud.record, "assetVersion", "create", old);
  expect(await propertiesOf(old)).toMatchObject({ isArchived: false });
});

test("other tags are an update of the same version", async () => {
  const before = await inputsOf("tagged", "1");
  await call(cloud.record, "assetVersion", "create", before);
  const after = await inputsOf("tagged", "1", {}, { images: "13" });
  const { answer } = await call<never>(cloud.record, "assetVersion", "diff", "id", before, after);
  expect(answer).toMatchObject({ changes: true, replaces: [] });
  await call(cloud.record, "assetVersion", "update", "id", before, after);
  expect(await propertiesOf(after)).toMatchObject({ tags: { images: "13" }, isArchived: false });
});

test("a version that has other content is an error", async () => {
  const before = await inputsOf("taken", "1");
  await call(cloud.record, "assetVersion", "create", before);
  const properties = { dataType: "uri_folder", dataUri: `azureml://${workspaceId}/elsewhere/` };
  const { thrown } = await call(cloud.record, "assetVersion", "create", { ...before, properties });
  expect(thrown?.message).toMatch(/exists with dataUri .* Versions cannot change/);
});
