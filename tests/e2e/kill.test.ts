import { setTimeout as sleep } from "node:timers/promises";
import { runningCloud } from "../../local/emulator/control";
import { seededRandom } from "../../local/sample/random";
import { LocalProject } from "./local";
import { kill, killTree } from "./processes";

interface Listed {
  value: { name: string; properties: { status?: string; tags?: Record<string, string>; provisioningState?: string } }[];
}

const rounds = 6;
/** From before the program's first resource to the middle of training. */
const [soonest, latest] = [4_000, 26_000];

/** Kills with SIGKILL, at random moments, all that `up` consists of; in every other round the local cloud as well. */
describe("kill -9 of npm run up:local", () => {
  let project: LocalProject;
  beforeAll(async () => (project = await LocalProject.create()), 60_000);
  afterAll(() => project.remove(), 60_000);

  test("leaves nothing that the next one cannot go on from, and one job for equal inputs", async () => {
    const random = seededRandom(20220424);
    for (let round = 0; round < rounds; round++) {
      const child = project.start(["up-all"]);
      child.stdout?.resume();
      child.stderr?.resume();
      await sleep(random.number(soonest, latest));
      await killTree(child);
      if (round % 2 === 1) kill((await runningCloud(project.folder))?.pid ?? 0);
    }
    const { status, output } = await project.run("up-all");
    expect(output).toMatch(/Endpoint +automl-image-test: Succeeded, traffic \{"d-[0-9a-f]{12}":100\}/);
    expect(status).toBe(0);

    const jobs = await project.list<Listed>("jobs?listViewType=All");
    expect(
      jobs.value.map(({ name, properties }) => `${name.replace(/-[0-9a-f]{10}$/, "")} ${properties.status}`),
    ).toEqual(["coco128-sweep Completed", "coco128-yolov5 Completed"]);
    const versions = await project.list<Listed>("models/automl-image-detector/versions");
    expect(versions.value.map(({ properties }) => properties.tags?.champion)).toEqual(["true"]);
    const deployments = await project.list<Listed>("onlineEndpoints/automl-image-test/deployments");
    expect(deployments.value.map(({ properties }) => properties.provisioningState)).toEqual(["Succeeded"]);

    expect((await project.run("up-all")).output).toMatch(/Changes +none: all \d+ resources are as declared/);
  }, 600_000);
});
