import { retryAfterMs } from "../../lib/retryAfter";

test.each([
  [{ "retry-after": "2" }, 2000],
  [{ "retry-after": "0.5" }, 500],
  [{ "retry-after": "-1" }, undefined],
  [{ "retry-after": "Thu, 01 Jan 1970 00:00:00 GMT" }, undefined],
  [{ "retry-after": "soon" }, undefined],
  [{}, undefined],
  [{ "retry-after": "2", "retry-after-ms": "1700" }, 1700],
  [{ "retry-after": "2", "x-ms-retry-after-ms": "soon" }, 2000],
])("%j asks for a wait of %s ms", (headers: Record<string, string>, ms) => {
  expect(retryAfterMs((name) => headers[name])).toBe(ms);
});

test("a date is a wait up to then", () => {
  const ms = retryAfterMs(() => new Date(Date.now() + 60_000).toUTCString())!;
  expect(ms).toBeGreaterThan(58_000);
  expect(ms).toBeLessThanOrEqual(60_000);
});
