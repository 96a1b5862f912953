import { upsertComment } from "../../../lib/github/comments";
import { GitHub } from "./gitHub";

const marker = "<!-- preview: dev -->";

describe("a comment on a pull request", () => {
  let hub: GitHub;
  beforeEach(async () => (hub = await GitHub.start("secret-token")));
  afterEach(() => hub.stop());

  const upsert = (body: string, token = "secret-token") =>
    upsertComment({ repository: "acme/detector", number: 7, token, apiUrl: hub.url }, `${marker}\n${body}`);

  test("is made once and edited after that, among hundreds of others", async () => {
    for (let index = 0; index < 250; index++) hub.add(`talk ${index}, which quotes ${marker}`);
    expect((await upsert("one")).did).toBe("created");
    for (let index = 0; index < 30; index++) hub.add("more talk");
    expect(await upsert("two")).toEqual({
      did: "edited",
      url: "https://github.com/acme/detector/pull/7#issuecomment-251",
    });
    expect(hub.comments.filter(({ body }) => body.startsWith(marker)).map(({ body }) => body)).toEqual([
      `${marker}\ntwo`,
    ]);
    const writes = hub.requests.length;
    expect((await upsert("two")).did).toBe("unchanged");
    expect(hub.requests.slice(writes).every((request) => request.startsWith("GET"))).toBe(true);
  });

  test("of another stack stays", async () => {
    hub.add("<!-- preview: prod -->\nprod");
    await upsert("dev");
    expect(hub.comments.map(({ body }) => body)).toEqual(["<!-- preview: prod -->\nprod", `${marker}\ndev`]);
  });

  test("that somebody else has put there with the same mark is left alone", async () => {
    hub.add(`${marker}\nforged`, false);
    expect((await upsert("ours")).did).toBe("created");
    expect((await upsert("ours again")).did).toBe("edited");
    expect(hub.comments.map(({ body }) => body)).toEqual([`${marker}\nforged`, `${marker}\nours again`]);
  });

  test("waits while GitHub limits or fails, and is no second one", async () => {
    hub.failures.push({ status: 502 }, { status: 429, retryAfter: "0.05" }, { status: 403, retryAfter: "0.05" });
    await upsert("one");
    expect(hub.comments).toHaveLength(1);
  });

  test("is refused with what to do, and without the token", async () => {
    const refusal = await upsert("one", "wrong-token").then(String, (error: Error) => error.message);
    expect(refusal).toMatch(/401 to reading the comments of acme\/detector#7: Bad credentials.*pull-requests: write/);
    expect(refusal).not.toContain("wrong-token");
  });
});
