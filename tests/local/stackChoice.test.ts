import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse } from "yaml";
import { parseConfig } from "../../config";
import { chosenStack, withConfigFile, writeStackConfig } from "../../local/stackChoice";

describe("a stack of the local cloud", () => {
  test.each([
    [["up", "--yes"], "local"],
    [["up", "--stack", "prod"], "prod"],
    [["-s", "dev", "preview"], "dev"],
    [["stack", "output", "--stack=organization/azure-ml-object-detection/staging"], "staging"],
  ])("%j is about %s", (args, stack) => expect(chosenStack(args)).toBe(stack));

  test("has the configuration of its environment where a command runs it, unless another one is named", () => {
    expect(withConfigFile(["up", "--stack", "dev"], "F")).toEqual(["up", "--stack", "dev", "--config-file", "F"]);
    for (const args of [
      ["stack", "output"],
      ["up", "--config-file", "G"],
      ["preview", "--config-file=G"],
    ])
      expect(withConfigFile(args, "F")).toEqual(args);
  });

  describe("by the configuration of an environment", () => {
    let folder: string;
    beforeAll(async () => (folder = await mkdtemp(join(tmpdir(), "stack-choice-"))));
    afterAll(() => rm(folder, { recursive: true }));

    test.each(["dev", "staging", "prod"])(
      "%s is a configuration that the program takes, on the sample",
      async (stack) => {
        const file = await writeStackConfig(stack, { pulumi: folder });
        const { config, encryptionsalt } = parse(await readFile(file, "utf8")) as {
          config: Record<string, unknown>;
          encryptionsalt: string;
        };
        expect(encryptionsalt).toMatch(/^v1:/);
        const raw = Object.entries(config).map(([key, value]) => [
          key.split(":")[1] ?? "",
          typeof value === "string" ? value : JSON.stringify(value),
        ]);
        const { data, onDestroy, prices, protection, serving } = parseConfig(
          Object.fromEntries(raw) as Record<string, string>,
        );
        expect(data).toMatchObject({ images: ".local/sample/images", classesFrom: "supercategory" });
        expect([onDestroy, prices.source, protection.vaultPurgeProtection]).toEqual(["purge", "table", false]);
        expect(serving.tls).toBeUndefined();
        expect(serving.kind).toBe(stack === "dev" ? "kubernetes" : "managed");
      },
    );

    test("that is not there is said to be missing", async () => {
      await expect(writeStackConfig("production", { pulumi: folder })).rejects.toThrow(
        /There is no stack "production": .*Pulumi\.production\.yaml is not there/,
      );
    });
  });
});
