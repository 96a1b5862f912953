import { execFileSync } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { appendDecisions, gitCommit, mostDecisions, type DecisionRecord } from "../../../lib/promotion";

const decision = (trial: string, more: Partial<DecisionRecord> = {}): DecisionRecord => ({
  at: "2026-01-01T00:00:00.000Z",
  outcome: "held",
  job: "j",
  trial,
  value: 0.4,
  dataVersion: "d1",
  champion: "1",
  championValue: 0.5,
  reason: "not better",
  ...more,
});

describe("the record of decisions", () => {
  test("has the newest first, and only so many", () => {
    let list: DecisionRecord[] = [];
    for (let number = 0; number <= mostDecisions; number++) list = appendDecisions(list, [decision(`t${number}`)]);
    expect(list).toHaveLength(mostDecisions);
    expect(list[0]?.trial).toBe(`t${mostDecisions}`);
  });

  test("keeps the time of a decision that is only repeated", () => {
    const first = decision("t1");
    const again = decision("t1", { at: "2026-01-02T00:00:00.000Z" });
    expect(appendDecisions([first], [again])).toEqual([first]);
    const other = { ...again, reason: "approved", outcome: "promoted" as const };
    expect(appendDecisions([first], [other])).toEqual([other, first]);
  });
});

describe("the commit on record", () => {
  test("is that of the checkout, with a mark when it has changes", async () => {
    const folder = await mkdtemp(join(tmpdir(), "checkout-"));
    try {
      expect(gitCommit(folder)).toBe("unknown");
      const git = (...args: string[]) =>
        execFileSync("git", ["-C", folder, "-c", "user.name=t", "-c", "user.email=t@t", ...args], { stdio: "pipe" });
      git("init");
      git("commit", "--allow-empty", "-m", "first");
      expect(gitCommit(folder)).toMatch(/^[0-9a-f]{40}$/);
      await writeFile(join(folder, "new.txt"), "");
      expect(gitCommit(folder)).toMatch(/^[0-9a-f]{40}-dirty$/);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
});
