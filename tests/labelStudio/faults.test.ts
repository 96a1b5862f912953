import { spawn, type ChildProcess } from "node:child_process";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { listProjects, listSuggestions } from "../../lib/labeling/api";
import { modelVersionOf } from "../../lib/labeling/assist/preLabel";
import type { LastExport } from "../../lib/labeling/export/lastExport";
import { cloudEnvironment, withoutAzure } from "../../local/environment";
import { until } from "../local/emulator/testCloud";
import { outcome, start, type Outcome } from "../providers/driver";
import { annotate, LabelingCloud } from "./labelingCloud";
import { picture } from "./picture";
import { StudioProxy, type StudioFault } from "./studioProxy";
import type { Suggesting } from "./suggestMain";

const images = 3;
const rules = { exportOn: "count", exportStep: 1, validationFraction: 0.25, splitSeed: 7, required: false };
const box = { label: "person", topX: 0.1, topY: 0.2, bottomX: 0.5, bottomY: 0.6 };

interface State {
  projectId: number;
  last?: LastExport;
  mark: string;
}

/** From the first request of a step on, Label Studio does this to all requests. */
const outages: [what: string, fault: StudioFault, message: RegExp][] = [
  ["is down", "request lost", /does not answer \((ECONNRESET|other side closed|UND_ERR_SOCKET)\).*run this again/],
  ["refuses the token", { status: 401 }, /refuses the token of LABEL_STUDIO_API_KEY.*Set it to a token/],
  ["is overloaded", { status: 429 }, /Label Studio answers 429: made by the test.*run this again/],
  ["fails", { status: 500 }, /Label Studio answers 500: made by the test.*run this again/],
];

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

/** A run in a process of its own; it ends with nothing when it was killed. */
interface Run {
  child: ChildProcess;
  ended: Promise<Outcome<State> | undefined>;
}

type Wanted = [method: string, path: RegExp];

describe("whatever becomes of Label Studio, of the cloud or of the run itself", () => {
  let place: LabelingCloud;
  let backups: string;
  const proxies: StudioProxy[] = [];

  beforeAll(async () => {
    place = await LabelingCloud.start(true);
    backups = await mkdtemp(join(tmpdir(), "backups-"));
    process.env.LABELING_BACKUP_DIR = backups;
  }, 600_000);
  afterAll(async () => {
    for (const proxy of proxies) await proxy.stop();
    await place.remove();
    await rm(backups, { recursive: true, force: true });
  });

  /** A folder of images, and what a program would give the resources, which see Label Studio through a proxy of their own. */
  async function folderOf(folder: string, more: object = {}) {
    await place.putMany(folder, images, await picture(100, 80));
    const proxy = await StudioProxy.start(place.studio.client.url);
    proxies.push(proxy);
    const args = { ...(await place.args(folder, more)), url: proxy.url };
    const spawned = (resource: string, method: string, ...all: unknown[]): Run => {
      const child = start(place.cloud.record, resource, method, all);
      return { child, ended: outcome<State>(child) };
    };
    const run = (resource: string, method: string, ...all: unknown[]) =>
      place.lifecycle<State>(resource, method, ...all);
    return { proxy, args, spawned, run };
  }

  async function projectsOf(title: string) {
    const found: number[] = [];
    for await (const { id, title: is } of listProjects(place.studio.client)) if (is === title) found.push(id);
    return found;
  }

  /** Every outage from a step's first request on, then a kill before and after it is done; then a run that is let alone. */
  async function through(
    { proxy }: { proxy: StudioProxy },
    [method, path]: Wanted,
    begin: () => Run,
  ): Promise<{ messages: Record<string, string>; last: Outcome<State> }> {
    const messages: Record<string, string> = {};
    const token = place.studio.environment.LABEL_STUDIO_API_KEY ?? "";
    const isStep = (asked: string, url: string) => asked === method && path.test(url);
    for (const [what, fault] of outages) {
      let hit = false;
      proxy.faultOf = (asked, url) => ((hit ||= isStep(asked, url)) ? fault : undefined);
      const ended = await begin().ended;
      messages[what] = ended?.thrown?.message ?? `it ended well: ${ended?.printed}`;
      expect(JSON.stringify(ended)).not.toContain(token);
    }
    for (const when of ["request lost", "answer lost"] as const) {
      const run: { child?: ChildProcess } = {};
      proxy.faultOf = (asked, url) => {
        if (!isStep(asked, url)) return undefined;
        run.child?.kill("SIGKILL");
        return when;
      };
      const { child, ended } = begin();
      run.child = child;
      expect(await ended).toBeUndefined();
    }
    proxy.faultOf = () => undefined;
    const last = await begin().ended;
    if (!last || last.thrown) throw new Error(last?.thrown?.message);
    return { messages, last };
  }

  function expectClear(messages: Record<string, string>): void {
    for (const [what, , message] of outages) expect(`${what}: ${messages[what]}`).toMatch(message);
  }

  const suggesting = (what: Suggesting): Run => {
    const node = ["--require", "tsx/cjs", join(__dirname, "suggestMain.ts"), JSON.stringify(what)];
    const env = { ...withoutAzure(process.env), ...cloudEnvironment(place.cloud.record) };
    const child = spawn(process.execPath, node, { env, stdio: ["ignore", "pipe", "inherit"] });
    const ended = text(child.stdout).then((printed) =>
      printed ? (JSON.parse(printed.trimEnd().split("\n").at(-1) ?? "") as Outcome<State>) : undefined,
    );
    return { child, ended };
  };

  const project = (folder: string, step: Wanted) => async () => {
    const { proxy, args, spawned, run } = await folderOf(folder);
    const { answer } = await run("labelingProject", "check", {}, args);
    const { inputs } = answer as unknown as { inputs: object };
    const { messages, last } = await through({ proxy }, step, () => spawned("labelingProject", "create", inputs));
    expectClear(messages);
    expect(await projectsOf(folder)).toHaveLength(1);
    const paths = (await place.tasks(last.answer!.outs.projectId)).map(({ data }) => data.path);
    expect(paths.sort()).toEqual(["0.jpg", "1.jpg", "2.jpg"]);
  };

  async function made(folder: string, more?: object) {
    const parts = await folderOf(folder, more);
    return { ...parts, state: await place.create<State>("labelingProject", parts.args) };
  }

  async function labeled(folder: string, more?: object) {
    const parts = await made(folder, more);
    for (const { id } of await place.tasks(parts.state.projectId)) await annotate(place.studio.client, id, [box]);
    return parts;
  }

  async function exporting(folder: string) {
    const parts = await labeled(folder);
    const args = { ...parts.args, ...rules, projectId: parts.state.projectId };
    const { inputs } = await place.checked<State>("labelingExport", args);
    const expectOne = async ({ last }: State) => {
      expect(last).toMatchObject({ images, boxes: images });
      const versions = await place.cloud.arm(
        "GET",
        `${parts.args.workspaceId}/data/${folder}-labels/versions`,
        "2025-12-01",
      );
      expect(versions.body.value?.map(({ name }) => name)).toEqual([last?.version]);
    };
    return { ...parts, begin: () => parts.spawned("labelingExport", "create", inputs), expectOne };
  }

  const reading = /^\/api\/tasks\/\?.*predictions,annotations/;
  const steps: [string, () => Promise<void>][] = [
    ["looking for the project", project("observe", ["GET", /^\/api\/projects\//])],
    ["making the project", project("make", ["POST", /^\/api\/projects\/$/])],
    ["importing tasks", project("import", ["POST", /\/import\?/])],
    ["reading the progress", project("progress", ["GET", /^\/api\/tasks\/\?.*total_predictions/])],
    [
      "refreshing the state",
      async () => {
        const { proxy, spawned, state } = await labeled("refresh");
        const { messages, last } = await through({ proxy }, ["GET", /^\/api\/projects\//], () =>
          spawned("labelingProject", "read", "id", { ...state, url: proxy.url }),
        );
        expectClear(messages);
        expect(last.answer).toMatchObject({ props: { progress: { total: images, labeled: images } } });
      },
    ],
    [
      "suggesting boxes",
      async () => {
        const { proxy, state, args } = await made("suggest");
        const modelVersion = modelVersionOf("detector", "1", 0.3);
        const what: Suggesting = {
          ...{ url: args.url, containerUrl: place.container.url, projectId: state.projectId },
          ...{ prefix: "suggest/", modelVersion },
        };
        const { messages } = await through({ proxy }, ["POST", /\/import\/predictions/], () => suggesting(what));
        expectClear(messages);
        const found: string[][] = [];
        for await (const { predictions } of listSuggestions(place.studio.client, state.projectId, []))
          found.push(predictions.map(({ model_version: version, result }) => `${version} ${result.length}`));
        expect(found).toEqual(Array(images).fill([`${modelVersion} 1`]));
      },
    ],
    [
      "reading what is exported",
      async () => {
        const { proxy, begin, expectOne } = await exporting("read");
        const { messages, last } = await through({ proxy }, ["GET", reading], begin);
        expectClear(messages);
        await expectOne(last.answer!.outs);
      },
    ],
    [
      "registering the data assets",
      async () => {
        const { begin, expectOne } = await exporting("register");
        const match = { method: "PUT", path: "/data/register-labels/versions/" };
        const messages: Record<string, string | undefined> = {};
        for (const [what, fault] of cloudFaults) {
          await place.cloud.admin("POST", "faults", { match, count: 99, fault });
          messages[what] = (await begin().ended)?.thrown?.message;
          await place.cloud.admin("DELETE", "faults");
        }
        // It is done all the same, later than by the next run.
        await place.cloud.admin("POST", "faults", { match, count: 1, fault: { slowMs: 8_000 } });
        const { child, ended } = begin();
        await until(async () => {
          const { value = [] } = (await place.cloud.admin("GET", "faults")).body;
          return (value[0] as unknown as { fired: number }).fired === 1;
        }, 60_000);
        child.kill("SIGKILL");
        expect(await ended).toBeUndefined();
        const last = await begin().ended;
        if (!last?.answer) throw new Error(last?.thrown?.message);
        await expectOne(last.answer.outs);
        for (const [what, , message] of cloudFaults) expect(`${what}: ${messages[what]}`).toMatch(message);
      },
    ],
    [
      "deleting the project",
      async () => {
        const { proxy, spawned, state } = await labeled("delete", { deleteAnnotations: true });
        const { messages } = await through({ proxy }, ["DELETE", /^\/api\/projects\/\d+\/$/], () =>
          spawned("labelingProject", "delete", "id", { ...state, url: proxy.url, deleteAnnotations: true }),
        );
        expectClear(messages);
        for (const message of Object.values(messages)) expect(message).toContain("pulumi state delete");
        expect(await projectsOf("delete")).toEqual([]);
        // Whichever run it was that deleted it, had written what people made before.
        const [folder = ""] = (await readdir(backups)).filter((name) => name.startsWith("delete-"));
        const lines = await readFile(join(backups, folder, "annotations.jsonl"), "utf8");
        expect(lines.trimEnd().split("\n")).toHaveLength(images);
      },
    ],
  ];

  test("at every step: what to do is said, nothing is there twice, nothing is lost, and the next run goes on", async () => {
    const ended = await Promise.allSettled(steps.map(([, run]) => run()));
    const failed = ended.flatMap((one, index) =>
      one.status === "rejected" ? [`${steps[index]?.[0]}: ${String(one.reason)}`] : [],
    );
    expect(failed).toEqual([]);
  }, 600_000);
});
