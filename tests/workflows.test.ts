import { execFileSync, spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";

const root = join(__dirname, "..");
const folder = join(root, ".github", "workflows");
const files = [
  ...readdirSync(folder).map((name) => join(folder, name)),
  join(root, ".github", "actions", "setup", "action.yml"),
];

interface Job {
  permissions?: Record<string, string>;
  "timeout-minutes"?: number;
  uses?: string;
}

describe.each(files.map((file) => [file.slice(root.length + 1), file]))("%s", (_name, file) => {
  const text = readFileSync(file, "utf8");

  test("pins each action of others by its commit, and says which version that is", () => {
    for (const [, action = "", rest = ""] of text.matchAll(/uses: (\S+)(.*)/g))
      if (!action.startsWith("./"))
        expect(`${action}${rest}`).toMatch(/^[\w-]+\/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
  });

  test("runs nothing but scripts that there are", () => {
    const { scripts } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { scripts: object };
    for (const [, script = ""] of text.matchAll(/npm run (?:-s )?([\w:]+)/g))
      expect(Object.keys(scripts)).toContain(script);
  });

  test("puts nothing that others can write into a shell", () => {
    const shells = [...text.matchAll(/^ *(?:- )?run: (?:\|\n((?: {10,}.*\n)+)|(.*))/gm)];
    for (const [shell] of shells) expect(shell).not.toContain("${{");
  });
});

describe.each(readdirSync(folder))("%s", (name) => {
  const workflow = parse(readFileSync(join(folder, name), "utf8")) as {
    permissions: object;
    jobs: Record<string, Job>;
  };

  test("gives a job what it asks for, and no more", () => {
    expect(workflow.permissions).toEqual({});
    for (const job of Object.values(workflow.jobs)) {
      expect(job.permissions).toBeDefined();
      if (job.uses === undefined) expect(job["timeout-minutes"]).toBeGreaterThan(0);
    }
  });
});

test("the workflows are what GitHub takes", () => {
  const hasGo = spawnSync("go", ["version"]).status === 0;
  const output = execFileSync("npm", ["run", "-s", "check:workflows"], { cwd: root, encoding: "utf8" });
  expect(output.trim()).toMatch(hasGo ? /^The workflows are sound\.$/ : /^SKIPPED: .* Go is not installed/);
}, 300_000);

describe("scripts/bootstrap.sh", () => {
  const bootstrap = (...args: string[]) =>
    spawnSync("scripts/bootstrap.sh", [...args, "--dry-run"], { cwd: root, encoding: "utf8" });

  test("lets what deploys give away the roles that the program assigns, and no others", () => {
    const guid = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g;
    const declared = readFileSync(join(root, "components", "roles.ts"), "utf8").match(guid) ?? [];
    const { stdout } = bootstrap("--repository", "acme/detector", "--suffix", "abc123");
    const [condition = ""] = stdout.split("\n").filter((line) => line.includes("--condition "));
    expect([...new Set(condition.match(guid))].sort()).toEqual([...declared].sort());
  });

  test("trusts each environment of the repository by an identity of its own, and keeps no key", () => {
    const { stdout } = bootstrap("--repository", "acme/detector", "--suffix", "abc123", "--stacks", "dev prod");
    for (const subject of ["pull_request", "ref:refs/heads/main", "environment:dev", "environment:prod"])
      expect(stdout).toContain(`--subject repo:acme/detector:${subject}\n`);
    expect(stdout).not.toContain("environment:staging");
    expect(stdout).not.toMatch(/secret create|credential reset|storage account keys/);
  });

  test("says what is wrong with its arguments", () => {
    expect(bootstrap("--repository", "acme", "--suffix", "abc123")).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('--repository is "acme"; it takes OWNER/NAME.') as string,
    });
    expect(bootstrap("--repository", "acme/detector", "--sufix", "x").stderr).toContain("--sufix is no option.");
  });
});
