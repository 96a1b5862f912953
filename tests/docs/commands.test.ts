import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { runTool } from "../commands/command";
import { commandBlocks, documents, namedCommands, root } from "./commands";

const { scripts } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { scripts: Record<string, string> };
const blocks = documents.flatMap(commandBlocks);

/** What a script's help says; undefined where it is no command line tool of this project. */
async function helpOf(script: string): Promise<string | undefined> {
  const [, tool] = /commands\/(\w+)\.ts$/.exec(scripts[script] ?? "") ?? [];
  if (tool === undefined || script === "bench") return undefined;
  return (await runTool(tool, ["--help"])).stdout;
}

describe("the commands of the documents", () => {
  test("are found, of each kind", () => {
    const count = (marker: string) => blocks.filter((block) => block.marker === marker).length;
    expect(count("")).toBeGreaterThan(8);
    expect(count("azure")).toBeGreaterThan(15);
    expect(count("long")).toBeGreaterThan(1);
  });

  test.each(blocks.map((block) => [`${block.document}:${block.line}`, block.text]))(
    "%s can be read by a shell",
    (_, text) => {
      execFileSync("bash", ["-n"], { input: text, stdio: ["pipe", "pipe", "pipe"] });
    },
  );

  test("give this project's tools only options that they have", async () => {
    const used = new Map<string, Set<string>>();
    for (const { text } of blocks)
      for (const { words, options } of namedCommands(text)) {
        const [program, script = ""] = words;
        if (program === "npm") used.set(script, new Set([...(used.get(script) ?? []), ...options]));
      }
    expect([...used.keys()].filter((script) => !(script in scripts))).toEqual([]);
    expect(used.size).toBeGreaterThan(8);
    const unknown: string[] = [];
    for (const [script, options] of used) {
      const help = await helpOf(script);
      if (help === undefined) continue;
      const known = new Set(help.match(/--[a-z][\w-]*/g));
      unknown.push(...[...options].filter((option) => !known.has(option)).map((option) => `${script} ${option}`));
    }
    expect(unknown).toEqual([]);
  });
});

test.each([
  [
    "pulumi stack output platform --json | npm run -s pr:comment -- --stack dev --print # --none",
    [
      { words: ["pulumi", "stack", "output", "platform"], options: ["--json"] },
      { words: ["npm", "pr:comment"], options: ["--stack", "--print"] },
    ],
  ],
  [
    'npm run -s compare -- a \\\n  --out "$(pulumi preview --diff)"',
    [
      { words: ["npm", "compare"], options: ["--out"] },
      { words: ["pulumi", "preview"], options: ["--diff"] },
    ],
  ],
])("the commands of %j are found", (text, commands) => {
  expect(namedCommands(text)).toEqual(commands);
});
