import { listAnnotatedTasks, listSuggestions } from "../../lib/labeling/api";
import type { Prediction } from "../../lib/labeling/wire";
import {
  countWaiting,
  modelVersionOf,
  preLabel,
  type PreLabelSettings,
  type SentSuggestions,
} from "../../lib/labeling/assist/preLabel";
import { LabelStudioClient } from "../../lib/labeling/client";
import { readRegion } from "../../lib/labeling/regions";
import type { Detection } from "../../lib/serving/detections";
import { annotate, LabelingCloud } from "./labelingCloud";
import { picture } from "./picture";
import { StudioProxy, type StudioFault } from "./studioProxy";

const images = 12;
const found: Detection[] = [
  { label: "person", score: 0.9, topX: 0.1, topY: 0.2, bottomX: 0.5, bottomY: 0.6 },
  { label: "food", score: 0.2, topX: 0.1, topY: 0.2, bottomX: 0.5, bottomY: 0.6 },
  { label: "zebra", score: 0.8, topX: 0.1, topY: 0.2, bottomX: 0.5, bottomY: 0.6 },
];

describe("the suggestions of a model", () => {
  let place: LabelingCloud;
  let proxy: StudioProxy;
  let client: LabelStudioClient;

  beforeAll(async () => {
    place = await LabelingCloud.start();
    proxy = await StudioProxy.start(place.studio.client.url);
    const token = place.studio.environment.LABEL_STUDIO_API_KEY ?? "";
    client = new LabelStudioClient({ url: proxy.url, token }, { tries: 2, pauseMs: 10 });
  }, 600_000);
  afterAll(async () => {
    await proxy.stop();
    await place.remove();
  });
  afterEach(() => (proxy.faultOf = () => undefined));

  async function projectOf(folder: string) {
    await place.putMany(folder, images, await picture(100, 80));
    const { projectId } = await place.create<{ projectId: number }>("labelingProject", await place.args(folder));
    const tasks = await place.tasks(projectId);
    let noted: SentSuggestions | undefined;
    const settings = (more: Partial<PreLabelSettings> = {}): PreLabelSettings => ({
      ...{ client, projectId, container: place.container, prefix: `${folder}/`, labels: ["person", "food"] },
      ...{ modelVersion: modelVersionOf("detector", "1", 0.3), confidence: 0.3 },
      score: async () => ({ status: 200, boxes: found, ms: 1 }),
      ledger: {
        assertHeld: () => {},
        read: async () => noted,
        write: async (sent) => void (noted = sent),
      },
      ...more,
    });
    const suggestions = async () => {
      const all: Record<number, Prediction[]> = {};
      for await (const { id, predictions } of listSuggestions(place.studio.client, projectId, []))
        all[id] = predictions;
      return all;
    };
    const expectEachOnce = async (version: string) => {
      const all = Object.values(await suggestions());
      expect(all.map((one) => one.map(({ model_version: from }) => from))).toEqual(all.map(() => [version]));
      expect(all).toHaveLength(images);
    };
    return { projectId, tasks, settings, suggestions, expectEachOnce };
  }

  test("are boxes with scores on images that nobody has done; a new model's replace them, and an equal one's add nothing", async () => {
    const { tasks, settings, suggestions, projectId } = await projectOf("first");
    const [done, skipped, later] = tasks.map(({ id }) => id) as [number, number, number];
    await annotate(place.studio.client, done, []);
    await annotate(place.studio.client, skipped, [], { was_cancelled: true });
    expect(await preLabel(settings())).toMatchObject({
      images: images - 2,
      boxes: images - 2,
      otherLabels: images - 2,
      failed: 0,
    });
    const first = await suggestions();
    expect([first[done], first[skipped]]).toEqual([[], []]);
    const [suggested] = first[later] ?? [];
    expect(suggested).toMatchObject({ model_version: "[detector:1 from 0.3]", result: [{ score: 0.9 }] });
    const read = readRegion(suggested.result[0]);
    expect(read).toMatchObject({ box: { label: "person", topX: expect.closeTo(0.1, 9) as number }, rotated: false });

    expect(await preLabel(settings())).toMatchObject({ images: 0 });
    expect(await suggestions()).toEqual(first);
    await annotate(place.studio.client, later, []);
    const modelVersion = modelVersionOf("detector", "11", 0.3);
    expect(await countWaiting(client, projectId, modelVersion)).toBe(images - 3);
    expect(await preLabel(settings({ modelVersion }))).toMatchObject({ images: images - 3 });
    const second = await suggestions();
    // What was suggested before somebody did the image stays, to be compared.
    expect(second[later]?.map(({ id }) => id)).toEqual([suggested?.id]);
    for (const { id } of tasks.slice(3))
      expect(second[id]?.map(({ model_version: version }) => version)).toEqual([modelVersion]);
  }, 120_000);

  test("come once, whatever becomes of the request, and say what is wrong when they cannot", async () => {
    const { settings, expectEachOnce } = await projectOf("second");
    const faults: StudioFault[] = ["answer lost", { status: 429 }, { status: 500 }];
    for (const [index, fault] of faults.entries()) {
      const modelVersion = modelVersionOf("detector", `2${index}`, 0.3);
      let left = 1;
      proxy.faultOf = (_, path) => (path.includes("/import/predictions") && left-- > 0 ? fault : undefined);
      expect(await preLabel(settings({ modelVersion }))).toMatchObject({ images });
      await expectEachOnce(modelVersion);
    }
    const last = modelVersionOf("detector", "22", 0.3);
    const next = settings({ modelVersion: modelVersionOf("detector", "3", 0.3) });
    const broken: [StudioFault, RegExp][] = [
      [{ status: 401 }, /refuses the token of LABEL_STUDIO_API_KEY/],
      [{ status: 429 }, /Label Studio answers 429: made by the test.*run this again/],
      [{ status: 500 }, /Label Studio answers 500: made by the test.*run this again/],
      ["request lost", /does not answer.*local:labeling/],
    ];
    for (const [fault, message] of broken) {
      proxy.faultOf = (method) => (method === "GET" ? fault : undefined);
      await expect(preLabel(next)).rejects.toThrow(message);
    }
    proxy.faultOf = () => undefined;
    await expectEachOnce(last);
    const outOfOrder = settings({
      ...next,
      score: async () => ({ status: 503, problem: "503: no replica", boxes: [], ms: 1 }),
    });
    await expect(preLabel(outOfOrder)).rejects.toThrow(/endpoint scores nothing \(503: no replica\).*run this again/);
    await expectEachOnce(last);
    expect(await preLabel(next)).toMatchObject({ images });
    await expectEachOnce(next.modelVersion);
  }, 180_000);

  test("that a killed run has sent are waited for", async () => {
    const { settings, expectEachOnce, tasks } = await projectOf("third");
    const modelVersion = modelVersionOf("detector", "4", 0.3);
    const predictions = tasks.map(({ id }) => ({ task: id, model_version: modelVersion, score: 0, result: [] }));
    // It noted what it was about to send, and was killed; the request is done a moment later.
    const sent = { modelVersion, tasks: tasks.map(({ id }) => id), sentAt: new Date().toISOString() };
    const killed = settings({ modelVersion });
    await killed.ledger.write(sent);
    setTimeout(
      () => void place.studio.client.post(`/api/projects/${killed.projectId}/import/predictions`, predictions, false),
      1500,
    );
    expect(await preLabel(settings({ modelVersion }))).toMatchObject({ images: 0 });
    await expectEachOnce(modelVersion);
  }, 120_000);

  test("on a picture that cannot be read are none, and nobody tries again", async () => {
    const { settings, projectId } = await projectOf("fourth");
    await place.put("fourth/0.jpg", "no picture");
    const { failed, problems, images: suggested } = await preLabel(settings());
    expect([failed, suggested]).toEqual([1, images]);
    expect(problems.join()).toMatch(/^0\.jpg: /);
    expect(await countWaiting(client, projectId, modelVersionOf("detector", "1", 0.3))).toBe(0);
    for await (const _ of listAnnotatedTasks(client, projectId)) throw new Error("nobody has done anything");
  }, 120_000);
});
