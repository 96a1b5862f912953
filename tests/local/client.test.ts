import { LocalClient } from "../../local/client";
import { isAlive } from "../../local/processes";
import { TestCloud, until } from "./emulator/testCloud";

describe("LocalClient", () => {
  let cloud: TestCloud;
  beforeAll(async () => (cloud = await TestCloud.start(true)), 60_000);
  afterAll(() => cloud.remove());

  test("waits no longer for replicas when it is told to end", async () => {
    // As long as an endpoint has no replica it answers 503, and each answer is waited for a second.
    const busy = { match: { path: "/endpoints/none/score" }, fault: { status: 503 } };
    expect((await cloud.admin("POST", "faults", busy)).status).toBe(201);
    const interruption = new AbortController();
    const client = await LocalClient.connect(cloud.record, interruption.signal);
    try {
      const started = performance.now();
      const scored = client.score(`${cloud.record.url}/endpoints/none/score`, "key", [Buffer.from("x")]);
      setTimeout(() => interruption.abort(), 300);
      await expect(scored).rejects.toThrow(/abort/i);
      expect(performance.now() - started).toBeLessThan(5_000);
      const { value } = (await cloud.admin("GET", "faults")).body as unknown as { value: { fired: number }[] };
      expect(value[0]?.fired).toBeGreaterThan(0);
    } finally {
      await client.close();
    }
  });

  test("waits for a cloud that is started again, and says so when a connection is cut", async () => {
    const client = await LocalClient.connect(cloud.record);
    try {
      const { pid } = cloud.record;
      const restarted = cloud.killAndRestart();
      await until(() => !isAlive(pid));
      const listed = client.arm("GET", cloud.subscription, "2022-12-01");
      await restarted;
      expect(await listed).toMatchObject({ state: "Enabled" });
      await cloud.admin("POST", "faults", { match: { path: "/subscriptions" }, fault: { reset: true } });
      const cut = client.arm("GET", cloud.subscription, "2022-12-01");
      await expect(cut).rejects.toThrow(
        /^The local Azure at https:\/\/localhost:\d+ does not answer \(.+\)\. "npm run local:start"/,
      );
    } finally {
      await client.close();
    }
  }, 30_000);
});
