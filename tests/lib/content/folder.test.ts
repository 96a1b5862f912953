import fc from "fast-check";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Fingerprint } from "../../../lib/content/fingerprint";
import { readFolder } from "../../../lib/content/folder";
import { KeySet } from "../../../lib/content/keySet";
import { walkFolder } from "../../../lib/content/walk";

const entries = fc.uniqueArray(fc.tuple(fc.string(), fc.string()), { selector: ([path]) => path, maxLength: 50 });

function fingerprintOf(files: readonly (readonly [string, string])[]): string {
  const fingerprint = new Fingerprint();
  for (const [path, md5] of files) fingerprint.add(path, md5);
  return String(fingerprint);
}

describe("a fingerprint", () => {
  test("does not depend on the order", () => {
    fc.assert(
      fc.property(
        entries.chain((files) => fc.tuple(fc.constant(files), fc.shuffledSubarray(files, { minLength: files.length }))),
        ([files, shuffled]) => fingerprintOf(files) === fingerprintOf(shuffled),
      ),
    );
  });

  test("changes with any path, any content and any file more", () => {
    fc.assert(
      fc.property(entries, fc.string(), (files, other) => {
        const [first, ...rest] = files;
        fc.pre(first !== undefined && !files.some((file) => file.includes(other)));
        const [path = "", md5 = ""] = first ?? [];
        const all = [files, rest, [[other, md5] as const, ...rest], [[path, other] as const, ...rest]];
        return new Set(all.map(fingerprintOf)).size === all.length;
      }),
    );
  });
});

test("a key set knows what was added, and nothing else", () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.string(), { maxLength: 3000 }), fc.array(fc.string()), (added, asked) => {
      const set = new KeySet();
      for (const key of [...added, ...added]) set.add("x", key);
      const plain = new Set(added);
      return (
        set.size === plain.size &&
        added.every((key) => set.has("x", key)) &&
        asked.every((key) => set.has("x", key) === plain.has(key)) &&
        asked.every((key) => !set.has("y", key))
      );
    }),
    { numRuns: 30 },
  );
});

describe("a folder", () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "folder-"));
  });
  afterEach(() => rm(folder, { recursive: true }));

  test("has files, bytes and a fingerprint of its content", async () => {
    await mkdir(join(folder, "in"));
    await writeFile(join(folder, "in/a.jpg"), "abc");
    await writeFile(join(folder, "b.jpg"), "");
    const before = await readFolder(folder, "data.images");
    expect(before).toMatchObject({
      files: 2,
      bytes: 3,
      fingerprint: expect.stringMatching(/^[0-9a-f]{16}$/) as string,
    });
    await writeFile(join(folder, "b.jpg"), "");
    expect(await readFolder(folder, "data.images")).toEqual(before);
    await writeFile(join(folder, "in/a.jpg"), "abd");
    expect((await readFolder(folder, "data.images")).fingerprint).not.toBe(before.fingerprint);
  });

  test("that is not there is an error that names the property", async () => {
    await expect(readFolder(join(folder, "no"), "data.images")).rejects.toThrow(
      /^data\.images is ".*no", which is not there/,
    );
  });

  test("has backslashes in names as the service has them, and no two files of one blob", async () => {
    await mkdir(join(folder, "x\\y"));
    await writeFile(join(folder, "x\\y/a\\b.jpg"), "1");
    const paths: string[] = [];
    for await (const { path } of walkFolder(folder, "p")) paths.push(path);
    expect(paths).toEqual(["x/y/a/b.jpg"]);
    await mkdir(join(folder, "x/y/a"), { recursive: true });
    await writeFile(join(folder, "x/y/a/b.jpg"), "2");
    await expect(readFolder(folder, "p")).rejects.toThrow(/would be one blob/);
  });
});
