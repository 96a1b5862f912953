import type { ContainerClient } from "@azure/storage-blob";
import { TestCloud, versions } from "../local/emulator/testCloud";
import { call } from "./driver";

describe("a published document", () => {
  let cloud: TestCloud;
  let storageAccountId: string;
  let container: ContainerClient;
  beforeAll(async () => {
    cloud = await TestCloud.start();
    const workspace = await cloud.workspace("mlw", await cloud.group("rg"));
    const { body } = await cloud.arm("GET", workspace, versions.ml);
    storageAccountId = String(body.properties?.storageAccount);
    container = await cloud.container(storageAccountId.split("/").at(-1) ?? "", "platform");
    await container.create();
  }, 60_000);
  afterAll(() => cloud.remove());

  const inputs = (content: string, revision = content) => ({
    ...{ storageAccountId, container: "platform", blobName: "platform.json" },
    ...{ content, revision },
  });
  const run = <T>(method: string, ...args: unknown[]) => call<T>(cloud.record, "publishedDocument", method, ...args);
  const blob = () => container.getBlobClient("platform.json");

  test("is what was given, as JSON, and again what was given after somebody else has changed it", async () => {
    const made = await run("create", inputs('{"a": "é"}\n'));
    expect(made.thrown).toBeUndefined();
    expect((await blob().downloadToBuffer()).toString("utf8")).toBe('{"a": "é"}\n');
    expect((await blob().getProperties()).contentType).toMatch(/^application\/json/);

    await container.getBlockBlobClient("platform.json").upload("other", 5);
    const { answer } = await run<{ content: string }>("read", made.answer?.id, inputs('{"a": "é"}\n'));
    const state = (answer as unknown as { props: { content: string } }).props;
    expect(state.content).toBe("other");
    const diff = await run("diff", made.answer?.id, state, inputs('{"a": "é"}\n'));
    expect(diff.answer).toMatchObject({ changes: true, replaces: [] });
    await run("update", made.answer?.id, state, inputs('{"b": 2}\n'));
    expect((await blob().downloadToBuffer()).toString("utf8")).toBe('{"b": 2}\n');
  }, 60_000);

  test("is as it should be while its revision is the same, whatever its figures say", async () => {
    const before = inputs('{"labeled": 1}', "r1");
    expect((await run("diff", "id", before, inputs('{"labeled": 2}', "r1"))).answer).toMatchObject({ changes: false });
    expect((await run("diff", "id", before, inputs('{"labeled": 1}', "r2"))).answer).toMatchObject({ changes: true });
  }, 60_000);

  test("is gone after its deletion, which can be repeated", async () => {
    for (let time = 0; time < 2; time++) expect((await run("delete", "id", inputs("x"))).thrown).toBeUndefined();
    expect((await run("read", "id", inputs("x"))).answer).toEqual({});
  }, 60_000);

  test("in a container that is not there is an error that names it", async () => {
    const { thrown } = await run("create", { ...inputs("x"), container: "nowhere" });
    expect(thrown?.message).toMatch(/nowhere/);
  }, 60_000);
});
