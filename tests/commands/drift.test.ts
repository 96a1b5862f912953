import { spawn } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { commandLine } from "./command";
import { GitHub } from "../lib/github/gitHub";

const root = join(__dirname, "..", "..");
const preview = (name: string) => readFile(join(root, "tests", "lib", "preview", "golden", `${name}.json`), "utf8");

function drift(args: readonly string[], input: string, environment: NodeJS.ProcessEnv = {}) {
  const { PATH, HOME } = process.env;
  const child = spawn(process.execPath, commandLine("drift", args), {
    cwd: root,
    env: { PATH, HOME, ...environment },
  });
  const ended = { status: -1, stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"] as const)
    child[name].setEncoding("utf8").on("data", (text: string) => (ended[name] += text));
  child.stdin.on("error", () => {}).end(input);
  return new Promise<typeof ended>((resolve) => child.on("close", (code) => resolve({ ...ended, status: code ?? -1 })));
}

describe("npm run drift", () => {
  let hub: GitHub;
  beforeAll(async () => (hub = await GitHub.start("hub-token-123")));
  afterAll(() => hub.stop());

  test("keeps one issue an environment: opens it, edits it, and closes it when nothing differs any more", async () => {
    const pipeline = { GITHUB_TOKEN: "hub-token-123", GITHUB_REPOSITORY: "acme/detector", GITHUB_API_URL: hub.url };
    hub.open({ title: "Drift, says somebody", body: "by hand", labels: ["drift"] });
    const run = async (name: string) => {
      const { stdout, stderr } = await drift(["--stack", "prod"], await preview(name), pipeline);
      return stdout + stderr;
    };
    expect(await run("learning-rate")).toBe("issue opened: https://github.com/acme/detector/issues/2\n");
    expect(hub.issues[1]).toMatchObject({ title: "Drift of prod", labels: ["drift"], state: "open" });
    expect(hub.issues[1]?.body).toContain("8 resources are not as `prod` declares them.");
    expect(await run("learning-rate")).toContain("issue unchanged");
    expect(await run("storage-replacement")).toContain("issue edited");
    expect(hub.issues[1]?.body).toContain("| **replaced** | `storage-account` (storage:StorageAccount)");
    expect(await run("no-op")).toContain("issue closed");
    expect(await run("no-op")).toContain("issue not needed");
    expect(hub.issues.map(({ state }) => state)).toEqual(["open", "closed"]);
  }, 60_000);

  test("prints it where there is nowhere to send it, without secrets, and says by its status that something differs", async () => {
    const secret = "pl4nted-s3cret-value";
    const text = (await preview("learning-rate")).replaceAll("jobName", secret);
    const { status, stdout } = await drift(["--stack", "dev"], text, { ADMIN_PASSWORD: secret });
    expect(status).toBe(2);
    expect(stdout).toContain("<!-- azure-ml-object-detection drift: dev -->");
    expect(stdout).not.toContain(secret);
    expect(await drift(["--stack", "dev"], await preview("no-op"))).toMatchObject({ status: 0 });
  }, 60_000);

  test("says which right it lacks", async () => {
    const pipeline = { GITHUB_TOKEN: "another", GITHUB_REPOSITORY: "acme/detector", GITHUB_API_URL: hub.url };
    const { status, stderr } = await drift(["--stack", "prod"], await preview("no-op"), pipeline);
    expect(status).toBe(1);
    expect(stderr).toContain('Give GITHUB_TOKEN of a job with "permissions: issues: write".');
  }, 30_000);
});
