import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { ensureEngine } from "../../local/engine";
import { describeInBrowser, look, openBrowser, views } from "../browser/chromium";
import { commandBlocks, documents, namedCommands, root } from "../docs/commands";
import { Sandbox } from "../docs/sandbox";

const all = documents.flatMap(commandBlocks);
const toRun = (document: string) => all.filter((block) => block.document === document && block.marker === "");
/** The documents whose commands need what those before have made, in that order. */
const order = ["README.md", join("docs", "comparing.md"), join("docs", "local.md")];

/** What a run and the document that shows one have in common: not the hashes, ports, places and figures. */
function withoutFigures(line: string): string {
  return line
    .replace(/\/\S+/g, "PATH")
    .replace(/\b[0-9a-f]{10,}\b/g, "HASH")
    .replace(/\d+(\.\d+)?/g, "N")
    .trim();
}

/** The commands of the documents, run as they stand there; the tests build on one another. */
describe("the commands of the documents", () => {
  let sandbox: Sandbox;
  beforeAll(async () => (sandbox = await Sandbox.create()), 60_000);
  afterAll(() => sandbox.remove(), 60_000);

  test("are all run here, but for those that need an account or a long time", () => {
    const run = all.filter(({ marker }) => marker === "").map(({ document }) => document);
    expect([...new Set(run)].sort()).toEqual([...order].sort());
  });

  test("README.md: they succeed, and print what it shows", async () => {
    const output = await sandbox.run(toRun("README.md"));
    const shown = /^```\n(Endpoint .*?)^```/ms.exec(await readFile(join(root, "README.md"), "utf8"))?.[1] ?? "";
    expect(shown).toContain("Report");
    const printed = new Set(output.split("\n").map(withoutFigures));
    expect(
      shown
        .trim()
        .split("\n")
        .map(withoutFigures)
        .filter((line) => !printed.has(line)),
    ).toEqual([]);
  }, 900_000);

  test("docs/comparing.md: they make a report of a real run, with pictures and the boxes on them", async () => {
    await sandbox.run(toRun(order[1] ?? ""));
    const page = await readFile(join(sandbox.folder, "report.html"), "utf8");
    const [, compared, shown] = /(\d+) held-out pictures were compared, (\d+) are shown/.exec(page) ?? [];
    expect(Number(compared)).toBeGreaterThan(20);
    expect(Number(shown)).toBe(16);
    expect(page.match(/href="data:image\/jpeg;base64,/g)).toHaveLength(16);
    // Those with the most mistakes stand first.
    const last = page
      .split('class="pair"')
      .slice(1)
      .map((pair) => Number([...pair.matchAll(/>(\d+) mistakes?</g)].at(-1)?.[1]));
    expect(last).toHaveLength(16);
    expect(last).toEqual([...last].sort((a, b) => b - a));
    expect(page).toContain("by outputs/predictions.txt");
    expect(page).toMatch(/What coco128-sweep-\w+ takes for what/);
    expect(page.match(/(?:animal|food|person) 0\.\d\d</g)?.length).toBeGreaterThan(20);
    for (const told of [
      "promoted",
      "Decisions of the promotion gate",
      "cocotrain2017-validation:",
      "Standard_NC24ads_A100_v4",
    ])
      expect(page).toContain(told);
    const gallery = await readFile(join(sandbox.folder, "gallery.html"), "utf8");
    expect(gallery).toContain("All 128 images are shown");
  }, 300_000);

  describeInBrowser("in a browser", () => {
    test.each([
      ["the report of the gate", () => join(sandbox.stateFolder, "pictures", "promotion-report.html")],
      ["the comparison", () => join(sandbox.folder, "report.html")],
      ["the gallery", () => join(sandbox.folder, "gallery.html")],
    ])(
      "%s reads well in each window",
      async (_, page) => {
        const browser = await openBrowser();
        try {
          for (const view of views) {
            const seen = await look(browser, page(), view);
            expect({ view, ...seen }).toEqual({ view, serious: [], errors: [], requests: [], tooWide: false });
          }
        } finally {
          await browser.close();
        }
      },
      120_000,
    );
  });

  test("docs/local.md: they reach the local Azure", async () => {
    const output = await sandbox.run(toRun(order[2] ?? ""));
    expect(output).toContain("reader");
  }, 300_000);

  test("for Azure: the engine has each pulumi command, with the options that it is given", async () => {
    const { pulumi } = await ensureEngine();
    const used = new Map<string, Set<string>>();
    for (const { text } of all)
      for (const { words, options } of namedCommands(text))
        if (words[0] === "pulumi")
          used.set(words.join(" "), new Set([...(used.get(words.join(" ")) ?? []), ...options]));
    expect(used.size).toBeGreaterThan(8);
    const unknown: string[] = [];
    for (const [command, options] of used) {
      const [, ...words] = command.split(" ");
      const depth = words[0] === "config" || words[0] === "stack" ? 2 : 1;
      const { stdout } = await promisify(execFile)(pulumi, [...words.slice(0, depth), "--help"]);
      // For a subcommand that it does not know it shows the help of what is above it.
      if (depth === 2 && stdout.includes(`pulumi ${words[0]} [command]`)) unknown.push(command);
      unknown.push(
        ...[...options].filter((option) => !stdout.includes(option)).map((option) => `${command} ${option}`),
      );
    }
    expect(unknown).toEqual([]);
  }, 120_000);
});
