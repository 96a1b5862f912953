import { readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { configurationFiles, readComments } from "../../commands/configuration/comments";
import { configurationKeys } from "../../commands/configuration/keys";
import { schema } from "../../config";
import { documents, root } from "./commands";
import { anchorsOf, problemsOf, type Known } from "./documents";

const { scripts } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { scripts: object };
const comments = readComments(...configurationFiles);
const known: Known = {
  scripts: new Set(Object.keys(scripts)),
  keys: new Map(configurationKeys(schema, comments).map(({ path, type }) => [path, type])),
};
describe("the documents", () => {
  test.each(documents.map((file) => relative(root, file)))("%s names only what is there", (name) => {
    const file = join(root, name);
    expect(problemsOf(file, readFileSync(file, "utf8"), known)).toEqual([]);
  });

  test("are found", () => {
    expect(documents.map((file) => relative(root, file))).toContain(
      join("docs", "decisions", "001-report-as-one-html-file.md"),
    );
  });
});

describe("a document that is wrong", () => {
  const file = join(root, "docs", "wrong.md");
  const problems = (text: string) => problemsOf(file, text, known);

  test.each([
    ["a missing file", "[x](nowhere.md)", "nowhere.md: there is no nowhere.md"],
    ["a missing folder above", "[x](../nowhere/y.md)", "../nowhere/y.md: there is no ../nowhere/y.md"],
    [
      "a missing picture",
      '<img src="pictures/none.jpg" alt="none">',
      "pictures/none.jpg: there is no pictures/none.jpg",
    ],
    ["a missing heading of its own", "# Here\n\n[x](#there)", "#there: there is no heading for #there"],
    ["a missing heading elsewhere", "[x](local.md#none)", "local.md#none: there is no heading for #none"],
    ["an unknown script", "Run `npm run -s local:fly -- x`.", "npm run local:fly: package.json has no such script"],
    ["an unknown script in a block", "```sh\nnpm run fly\n```", "npm run fly: package.json has no such script"],
    ["an unknown key", "Set `model.rollback`.", "model.rollback: the configuration has no such key"],
    ["an unknown key with a value", "`training.wait.long: 1`", "training.wait.long: the configuration has no such key"],
    [
      "an unknown key in a block",
      "```sh\npulumi config set --path data.imges x\n```",
      "data.imges: the configuration has no such key",
    ],
    ["an unknown key at the top", "`pulumi config rm --path locaton`", "locaton: the configuration has no such key"],
  ])("is told of %s", (_what, text, problem) => {
    expect(problems(text)).toEqual([problem]);
  });

  test("is not told of what is right, of other sites, and of links in code", () => {
    const text = [
      "# One `two`, three",
      "[a](#one-two-three), [b](local.md#coverage), [c](../README.md), [d](https://example.com/x#y), [e](decisions)",
      "`npm run -s compare`, `model.rollbackTo`, `model.approval: required`, `prices.perHour.Standard_NC6`, `location`",
      "`index.ts`, `[x](nowhere.md)`",
      "```md\n[x](nowhere.md)\n# No heading\n```",
    ].join("\n\n");
    expect(problems(text)).toEqual([]);
    expect([...anchorsOf("# A\n\n## A\n\n```sh\n# B\n```")]).toEqual(["a", "a-1"]);
  });
});
