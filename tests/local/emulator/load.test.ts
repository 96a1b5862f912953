import { stat } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { TestCloud, versions, type ArmAnswer } from "./testCloud";

const identities = "Microsoft.ManagedIdentity/userAssignedIdentities";

describe("the local cloud under load", () => {
  let cloud: TestCloud;
  let group: string;
  beforeAll(async () => {
    cloud = await TestCloud.start();
    group = await cloud.group("rg");
    await cloud.account("loadst", group);
    await (await cloud.container("loadst", "kept")).createIfNotExists();
  }, 30_000);
  afterAll(() => cloud.remove());

  const idOf = (name: string) => `${group}/providers/${identities}/${name}`;
  const body = (round: number) => ({ location: "eastus2", tags: { round: String(round) } });

  test("twenty clients at once are all answered", async () => {
    const token = await cloud.token();
    const client = async (number: number) => {
      const statuses: number[] = [];
      for (let index = 0; index < 50; index++) {
        const url = `${idOf(`c${number}-${index % 5}`)}?api-version=2023-01-31`;
        const write = index < 25;
        const answer = await cloud.request(write ? "PUT" : "GET", url, {
          token,
          body: write ? body(index) : undefined,
        });
        statuses.push(answer.status);
      }
      return statuses;
    };
    const statuses = (await Promise.all(Array.from({ length: 20 }, (_, number) => client(number)))).flat();
    expect(statuses.filter((status) => status !== 200 && status !== 201)).toEqual([]);
    expect(statuses).toHaveLength(1000);
  }, 60_000);

  test("fifty clients list all of a collection page by page, each once, while it grows", async () => {
    const listed = await cloud.group("listed");
    const id = (name: string) => `${listed}/providers/${identities}/${name}`;
    const token = await cloud.token();
    const put = (name: string) => cloud.request("PUT", `${id(name)}?api-version=2023-01-31`, { token, body: body(0) });
    const names = Array.from({ length: 250 }, (_, index) => `n${String(index).padStart(3, "0")}`);
    await Promise.all(names.map(put));
    const lister = async () => {
      const found: string[] = [];
      let next: string | undefined = `${listed}/providers/${identities}?api-version=2023-01-31`;
      while (next) {
        const { body: page }: ArmAnswer = await cloud.request("GET", next, { token });
        found.push(...(page.value ?? []).map(({ name = "" }) => name));
        next = page.nextLink;
      }
      return found;
    };
    const growing = Array.from({ length: 40 }, (_, index) => put(`a${index}`));
    const lists = await Promise.all(Array.from({ length: 50 }, lister));
    await Promise.all(growing);
    for (const found of lists) {
      expect(found.filter((name) => name.startsWith("n"))).toEqual(names);
      expect(new Set(found).size).toBe(found.length);
    }
  }, 60_000);

  test("equal writes and reads leave the database as large as it is", async () => {
    const file = join(cloud.stateFolder, "cloud", "db", "data.mdb");
    const round = async () => {
      for (let index = 0; index < 100; index++) {
        await cloud.arm("PUT", idOf(`same${index % 10}`), "2023-01-31", body(0));
        await cloud.arm("GET", idOf(`same${index % 10}`), "2023-01-31");
      }
    };
    await round();
    const { size } = await stat(file);
    for (let time = 0; time < 3; time++) await round();
    expect((await stat(file)).size).toBeLessThanOrEqual(size + 64 * 1024);
  }, 60_000);

  test("ten kills -9 under parallel writes lose nothing that was answered", async () => {
    const lost: string[] = [];
    let answered = 0;
    for (let round = 0; round < 10; round++) {
      const token = await cloud.token();
      const container = await cloud.container("loadst", "kept");
      const kept: { name: string; kind: "resource" | "blob" }[] = [];
      const writer = async (number: number) => {
        for (let index = 0; ; index++) {
          const name = `r${round}-w${number}-${index}`;
          try {
            if (number % 2 === 0) {
              const answer = await cloud.request("PUT", `${idOf(name)}?api-version=2023-01-31`, {
                token,
                body: body(round),
              });
              if (answer.status === 201) kept.push({ name, kind: "resource" });
            } else {
              await container.getBlockBlobClient(name).upload(name, name.length);
              kept.push({ name, kind: "blob" });
            }
          } catch {
            return;
          }
        }
      };
      const writers = Array.from({ length: 8 }, (_, number) => writer(number));
      await sleep(150 + 20 * round);
      await Promise.all([cloud.killAndRestart(), ...writers]);

      const found = await cloud.container("loadst", "kept");
      const fresh = await cloud.token();
      for (const { name, kind } of kept) {
        const there =
          kind === "blob"
            ? (
                await found
                  .getBlobClient(name)
                  .downloadToBuffer()
                  .catch(() => "")
              ).toString() === name
            : (await cloud.request("GET", `${idOf(name)}?api-version=2023-01-31`, { token: fresh })).status === 200;
        if (!there) lost.push(`${kind} ${name}`);
      }
      answered += kept.length;
    }
    expect(lost).toEqual([]);
    expect(answered).toBeGreaterThan(50);
    // A resource of the first round is there after the last.
    expect((await cloud.arm("GET", `${group}`, versions.groups)).status).toBe(200);
  }, 180_000);
});
