import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { plain, runTool, type Ended } from "./command";

const environment = { AZURE_SUBSCRIPTION_ID: "s", AZURE_RESOURCE_GROUP: "g", AZURE_ML_WORKSPACE: "w" };
const workspace = "/subscriptions/s/resourceGroups/g/providers/Microsoft.MachineLearningServices/workspaces/w";
const golden = "tests/lib/automl/golden";

function jobBody(files: readonly string[], env: Record<string, string> = environment): Promise<Ended> {
  const base = Object.fromEntries(Object.entries(plain(process.env)).filter(([name]) => !name.startsWith("AZURE_")));
  return runTool("jobBody", files, { env: { ...base, ...env } });
}

describe("npm run job:body", () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "job-body-"));
  });
  afterAll(() => {
    rmSync(folder, { recursive: true });
  });

  test("prints one file as one JSON document", async () => {
    const { status, stdout, stderr } = await jobBody(["jobs/yolov5.yml"]);
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    expect(JSON.parse(stdout)).toMatchObject({
      properties: {
        computeId: `${workspace}/computes/gpu-cluster`,
        taskDetails: { trainingData: { uri: `${workspace}/data/cocotrain2017-training/labels/latest` } },
      },
    });
  });

  test("prints several one a line, in their order", async () => {
    const { stdout } = await jobBody(["jobs/yolov5.yml", "jobs/sweep.yml", "jobs/yolov5.yml"]);
    const names = stdout
      .trimEnd()
      .split("\n")
      .map((line) => (JSON.parse(line) as { properties: { displayName: string } }).properties.displayName);
    expect(names).toEqual(["coco128-yolov5", "coco128-sweep", "coco128-yolov5"]);
  });

  test("tells the mistakes of a bad file on stderr, and prints the good ones", async () => {
    const bad = join(folder, "bad.yml");
    writeFileSync(bad, "type: automl\ntsk: image_object_detection\n");
    const { status, stdout, stderr } = await jobBody([bad, "jobs/sweep.yml", join(folder, "gone.yml")]);
    expect(status).toBe(1);
    expect(stdout.trimEnd().split("\n")).toHaveLength(1);
    expect(stderr).toContain(`${bad}:2:1: tsk: unknown property; did you mean task?`);
    expect(stderr).toContain("there is no such file");
    expect(stderr).not.toMatch(/\n\s+at /);
  });

  test("names a local folder as the asset of its content", async () => {
    const { stdout } = await jobBody([`${golden}/automode.yml`]);
    const { properties } = JSON.parse(stdout) as { properties: { taskDetails: { trainingData: { uri: string } } } };
    expect(properties.taskDetails.trainingData.uri).toMatch(
      new RegExp(`^${workspace}/data/training/versions/[0-9a-f]{16}$`),
    );
  });

  test("prints warnings on stderr, and the body all the same", async () => {
    const { status, stdout, stderr } = await jobBody([`${golden}/everything-around.yml`]);
    expect(status).toBe(0);
    expect(stderr).toMatch(/^warning: .*everything-around\.yml:\d+:\d+: training_data\.mode: has no effect/);
    expect(JSON.parse(stdout)).toHaveProperty("properties.displayName", "around-1");
  });

  test("says which variable is missing", async () => {
    const { status, stderr } = await jobBody(["jobs/sweep.yml"], { AZURE_SUBSCRIPTION_ID: "s" });
    expect(status).toBe(1);
    expect(stderr).toMatch(/^error: AZURE_RESOURCE_GROUP is not set/);
  });

  test("without a file prints its help, and fails", async () => {
    const none = await jobBody([]);
    expect(none.status).toBe(2);
    expect(none.stdout).toContain("npm run -s job:body -- FILE...");
  });

  test("explains in its help what it cannot know", async () => {
    const { status, stdout } = await jobBody(["--help"]);
    expect(status).toBe(0);
    expect(stdout).toMatch(/@latest[^]*labels\/latest[^]*local folder[^]*versions\/HASH/);
  });
});
