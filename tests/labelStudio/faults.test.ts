import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { listSuggestions } from "../../lib/labeling/api";
import { modelVersionOf } from "../../lib/labeling/assist/preLabel";
import { until } from "../local/emulator/testCloud";
import { FaultyPlace, images, type State } from "./faultyPlace";
import type { LabelingCloud } from "./labelingCloud";
import { expectClear, type Step } from "./outages";

/** What the cloud does when the data assets are to be registered. */
const cloudFaults: [what: string, fault: object, message: RegExp][] = [
  ["is down", { reset: true }, /could not be registered: socket hang up\. .*run this again/],
  [
    "refuses",
    { status: 403, code: "AuthorizationFailed", message: "made by the test" },
    /registered: PUT .*403 .*made by the test\. .*run this again/,
  ],
  [
    "is overloaded",
    { status: 429, retryAfter: 1, message: "made by the test" },
    /429 .*made by the test\. .*run this again/,
  ],
  ["fails", { status: 500, message: "made by the test" }, /500 .*made by the test\. .*run this again/],
];

describe("whatever becomes of Label Studio, of the cloud or of the run itself", () => {
  let faulty: FaultyPlace;
  let place: LabelingCloud;
  let backups: string;

  beforeAll(async () => {
    faulty = await FaultyPlace.start();
    ({ place } = faulty);
    backups = await mkdtemp(join(tmpdir(), "backups-"));
    process.env.LABELING_BACKUP_DIR = backups;
  }, 600_000);
  afterAll(async () => {
    await faulty.remove();
    await rm(backups, { recursive: true, force: true });
  });

  const making = (folder: string, step: Step) => async () => {
    const { args, begin, through } = await faulty.folder(folder);
    const { inputs } = await place.checked<State>("labelingProject", args);
    const { messages, last } = await through(step, () => begin("labelingProject", "create", inputs));
    expectClear(messages);
    expect(await faulty.projectsOf(folder)).toHaveLength(1);
    const paths = (await place.tasks(last.answer!.outs.projectId)).map(({ data }) => data.path);
    expect(paths.sort()).toEqual(["0.jpg", "1.jpg", "2.jpg"]);
  };

  async function refreshing() {
    const { proxy, begin, state, through } = await faulty.labeled("refresh");
    const { messages, last } = await through(["GET", /^\/api\/projects\//], () =>
      begin("labelingProject", "read", "id", { ...state, url: proxy.url }),
    );
    expectClear(messages);
    expect(last.answer).toMatchObject({ props: { progress: { total: images, labeled: images } } });
  }

  async function suggesting() {
    const { state, args, through } = await faulty.project("suggest");
    const { projectId } = state;
    const modelVersion = modelVersionOf("detector", "1", 0.3);
    const what = { url: args.url, containerUrl: place.container.url, projectId, prefix: "suggest/", modelVersion };
    const { messages } = await through(["POST", /\/import\/predictions/], () => faulty.suggesting(what));
    expectClear(messages);
    const found: string[][] = [];
    for await (const { predictions } of listSuggestions(place.studio.client, projectId, []))
      found.push(predictions.map(({ model_version: version, result }) => `${version} ${result.length}`));
    expect(found).toEqual(Array(images).fill([`${modelVersion} 1`]));
  }

  async function readingForExport() {
    const { run, expectOne, through } = await faulty.exporting("read");
    const { messages, last } = await through(["GET", /^\/api\/tasks\/\?.*predictions,annotations/], run);
    expectClear(messages);
    await expectOne(last.answer!.outs);
  }

  async function registering() {
    const { run, expectOne } = await faulty.exporting("register");
    const match = { method: "PUT", path: "/data/register-labels/versions/" };
    const messages: Record<string, string | undefined> = {};
    for (const [what, fault] of cloudFaults) {
      await place.cloud.admin("POST", "faults", { match, count: 99, fault });
      messages[what] = (await run().ended)?.thrown?.message;
      await place.cloud.admin("DELETE", "faults");
    }
    // It is done all the same, later than by the next run.
    await place.cloud.admin("POST", "faults", { match, count: 1, fault: { slowMs: 8_000 } });
    const { child, ended } = run();
    await until(async () => {
      const { value = [] } = (await place.cloud.admin("GET", "faults")).body;
      return (value[0] as unknown as { fired: number }).fired === 1;
    }, 60_000);
    child.kill("SIGKILL");
    expect(await ended).toBeUndefined();
    const last = await run().ended;
    if (!last?.answer) throw new Error(last?.thrown?.message);
    await expectOne(last.answer.outs);
    for (const [what, , message] of cloudFaults) expect(`${what}: ${messages[what]}`).toMatch(message);
  }

  async function deleting() {
    const { proxy, begin, state, through } = await faulty.labeled("delete", { deleteAnnotations: true });
    const { messages } = await through(["DELETE", /^\/api\/projects\/\d+\/$/], () =>
      begin("labelingProject", "delete", "id", { ...state, url: proxy.url, deleteAnnotations: true }),
    );
    expectClear(messages);
    for (const message of Object.values(messages)) expect(message).toContain("pulumi state delete");
    expect(await faulty.projectsOf("delete")).toEqual([]);
    // Whichever run it was that deleted it, had written what people made before.
    const [folder = ""] = (await readdir(backups)).filter((name) => name.startsWith("delete-"));
    const lines = await readFile(join(backups, folder, "annotations.jsonl"), "utf8");
    expect(lines.trimEnd().split("\n")).toHaveLength(images);
  }

  const steps: [string, () => Promise<void>][] = [
    ["looking for the project", making("observe", ["GET", /^\/api\/projects\//])],
    ["making the project", making("make", ["POST", /^\/api\/projects\/$/])],
    ["importing tasks", making("import", ["POST", /\/import\?/])],
    ["reading the progress", making("progress", ["GET", /^\/api\/tasks\/\?.*total_predictions/])],
    ["refreshing the state", refreshing],
    ["suggesting boxes", suggesting],
    ["reading what is exported", readingForExport],
    ["registering the data assets", registering],
    ["deleting the project", deleting],
  ];

  test("at every step: what to do is said, nothing is there twice, nothing is lost, and the next run goes on", async () => {
    const ended = await Promise.allSettled(steps.map(([, run]) => run()));
    const failed = ended.flatMap((one, index) =>
      one.status === "rejected" ? [`${steps[index]?.[0]}: ${String(one.reason)}`] : [],
    );
    expect(failed).toEqual([]);
  }, 600_000);
});
