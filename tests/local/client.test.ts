import { LocalClient } from "../../local/client";
import { TestCloud } from "./emulator/testCloud";

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
});
