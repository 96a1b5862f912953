import { spawn } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { commandLine } from "./command";
import { GitHub } from "../lib/github/gitHub";

const root = join(__dirname, "..", "..");
const golden = (name: string) => readFile(join(root, "tests", "lib", "preview", "golden", name), "utf8");
const secret = "pl4nted-s3cret-value";

interface Ended {
  status: number;
  stdout: string;
  stderr: string;
}

function prComment(args: readonly string[], input: string, environment: NodeJS.ProcessEnv = {}): Promise<Ended> {
  const { PATH, HOME } = process.env;
  const child = spawn(process.execPath, commandLine("prComment", args), {
    cwd: root,
    env: { PATH, HOME, ...environment },
  });
  const ended: Ended = { status: -1, stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"] as const)
    child[name].setEncoding("utf8").on("data", (text: string) => (ended[name] += text));
  // A command that refuses its arguments reads no input.
  child.stdin.on("error", () => {}).end(input);
  return new Promise((resolve) => child.on("close", (code) => resolve({ ...ended, status: code ?? -1 })));
}

describe("npm run pr:comment", () => {
  let hub: GitHub;
  let folder: string;
  beforeEach(async () => {
    hub = await GitHub.start("hub-token-123");
    folder = await mkdtemp(join(tmpdir(), "pr-comment-"));
  });
  afterEach(async () => {
    await hub.stop();
    await rm(folder, { recursive: true });
  });

  const pipeline = (more: NodeJS.ProcessEnv = {}) => ({
    GITHUB_TOKEN: "hub-token-123",
    GITHUB_REPOSITORY: "acme/detector",
    GITHUB_API_URL: hub.url,
    GITHUB_REF: "refs/pull/7/merge",
    ...more,
  });

  test("comments on the pull request once, and edits that comment by the next preview", async () => {
    const events = (name: string) => ["--events", join("tests", "lib", "preview", "golden", name)];
    const told = (name: string) => ["--stack", "local", ...events(`${name}.events`)];
    const first = await prComment(told("learning-rate"), await golden("learning-rate.json"), pipeline());
    expect(first).toMatchObject({ status: 0, stdout: expect.stringContaining("comment created: https://") as string });
    expect(hub.comments.map(({ body }) => body)).toEqual([await golden("learning-rate.md")]);

    const event = join(folder, "event.json");
    await writeFile(event, JSON.stringify({ pull_request: { number: 7 } }));
    const again = { GITHUB_REF: "refs/heads/main", GITHUB_EVENT_PATH: event };
    const second = await prComment(told("no-op"), await golden("no-op.json"), pipeline(again));
    expect(second.stdout).toContain("comment edited");
    expect(hub.comments.map(({ body }) => body)).toEqual([await golden("no-op.md")]);
  });

  test("prints the comment outside a pipeline, without the secrets of the preview and of the environment", async () => {
    const preview = JSON.parse(await golden("learning-rate.json")) as {
      diagnostics: object[];
      steps: { newState?: { inputs?: Record<string, unknown> } }[];
    };
    preview.diagnostics.push({ severity: "warning", message: `warning: the server said ${secret}` });
    const job = preview.steps.find(({ newState }) => newState?.inputs?.bounds)?.newState?.inputs;
    (job?.body as Record<string, unknown>).displayName = `a ${secret}`;
    const input = JSON.stringify(preview);
    const open = await prComment(["--stack", "local"], input);
    expect(open.stdout).toContain(secret);
    const closed = await prComment(["--stack", "local"], input, { AZURE_CLIENT_SECRET: secret });
    expect(closed.status).toBe(0);
    expect(closed.stdout).toContain("the server said \\[secret\\]");
    expect(closed.stdout + closed.stderr).not.toContain(secret);
  });

  test.each([
    [[], /--stack is not given/],
    [["--stak", "x"], /--stak is no option; did you mean stack\?/],
    [["--stack", "x", "--pull-request", "seven"], /--pull-request is "seven"/],
    [["--stack", "x", "--events", "/no/such"], /--events is "\/no\/such", which cannot be read .*--event-log FILE/],
    [["--stack", "x", "--pull-request", "7"], /GITHUB_TOKEN and GITHUB_REPOSITORY not set/],
  ])("says what is wrong with %p", async (args, message) => {
    const { status, stderr } = await prComment(args, "{}");
    expect(stderr).toMatch(message);
    expect(status).toBe(1);
  });
});
