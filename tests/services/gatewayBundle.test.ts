import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { parseImageKeys, signImagePath } from "../../lib/labeling/signedPath";
import { cloudEnvironment } from "../../local/environment";
import { gatewayBundle } from "../../services/labelingGateway/bundle";
import { cachedToken } from "../../services/labelingGateway/cachedToken";
import { TestCloud, versions } from "../local/emulator/testCloud";

const keys = "new:BBBBBBBBBBBBBBBBBBBBBBBB";

describe("the image gateway as one file", () => {
  let cloud: TestCloud;
  let folder: string;
  let gateway: ChildProcess;
  let address: string;

  beforeAll(async () => {
    cloud = await TestCloud.start();
    await cloud.workspace("mlw", await cloud.group("rg"));
    const container = `${cloud.subscription}/resourceGroups/rg/providers/Microsoft.Storage/storageAccounts/mlwst/blobServices/default/containers/pictures`;
    await cloud.put(container, versions.storage, { properties: {} });
    await (await cloud.container("mlwst", "pictures")).getBlockBlobClient("a/ä b.jpg").upload("0123456789", 10);
    // A folder without any package, as in the container.
    folder = await mkdtemp(join(tmpdir(), "gateway-"));
    await writeFile(join(folder, "gateway.cjs"), gatewayBundle());
    gateway = spawn(process.execPath, [join(folder, "gateway.cjs")], {
      cwd: folder,
      env: {
        ...cloudEnvironment(cloud.record),
        LABELING_IMAGES_PORT: "0",
        LABELING_IMAGES_HOST: "127.0.0.1",
        LABELING_IMAGES_KEYS: keys,
        LABELING_IMAGES_CONTAINERS: "mlwst/pictures",
        LABELING_IMAGES_BLOB_ENDPOINT: `${cloud.record.blobUrl}/{account}/`,
      },
      stdio: ["ignore", "pipe", "inherit"],
    });
    const [line] = (await once(createInterface({ input: gateway.stdout! }), "line")) as [string];
    address = line.replace("images are served at ", "");
  }, 60_000);
  afterAll(async () => {
    gateway.kill();
    await once(gateway, "exit");
    await rm(folder, { recursive: true, force: true });
    await cloud.remove();
  });

  const signed = (path: string, container = "pictures") =>
    `${address}${signImagePath({ account: "mlwst", container, path }, Math.floor(Date.now() / 1000) + 60, parseImageKeys(keys))}`;

  test("streams a signed image, or a part of it, by the container's managed identity", async () => {
    const whole = await fetch(signed("a/ä b.jpg"));
    expect([whole.status, await whole.text()]).toEqual([200, "0123456789"]);
    const end = await fetch(signed("a/ä b.jpg"), { headers: { range: "bytes=-3" } });
    expect([end.status, await end.text(), end.headers.get("content-range")]).toEqual([206, "789", "bytes 7-9/10"]);
  });

  test("refuses what is not signed or not its own, and says of what is gone that it is", async () => {
    const plain = await fetch(signed("a/ä b.jpg").split("?")[0] ?? "");
    expect(plain.status).toBe(403);
    expect((await fetch(signed("a/ä b.jpg", "azureml"))).status).toBe(403);
    expect((await fetch(signed("gone.jpg"))).status).toBe(404);
    expect((await fetch(`${address}/health`)).status).toBe(200);
  });
});

test("the bundle is the same each time, so that a preview shows no change", () => {
  expect(gatewayBundle()).toBe(gatewayBundle());
});

describe("a token for all", () => {
  const soon = () => ({ value: "soon", endsAt: Date.now() + 60_000 });
  const later = () => ({ value: "later", endsAt: Date.now() + 3_600_000 });

  test("is asked for once by many, and anew shortly before its end", async () => {
    const answers = [soon, later, later];
    let asked = 0;
    const token = cachedToken(async () => {
      asked++;
      return (answers.shift() ?? later)();
    });
    expect(new Set(await Promise.all([token(), token(), token()]))).toEqual(new Set(["later"]));
    expect(asked).toBe(2);
    expect(await token()).toBe("later");
    expect(asked).toBe(2);
  });

  test("is asked for again after a failure", async () => {
    let fails = true;
    const token = cachedToken(async () => {
      if (fails) throw new Error("busy");
      return later();
    });
    await expect(token()).rejects.toThrow("busy");
    fails = false;
    expect(await token()).toBe("later");
  });
});
