import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse, stringify } from "yaml";
import { ensureSample, type SampleFolder } from "../../local/sample";
import { stateFolders } from "../../local/state";
import { FileServer } from "../lib/download/fileServer";
import { zipOf } from "../lib/download/zipOf";
import { LocalProject } from "./local";

interface Instances {
  images: { id: number; file_name: string }[];
  annotations: { id: number; image_id: number }[];
  categories: unknown[];
}

interface Version {
  name: string;
  properties: { tags: Record<string, string>; isArchived: boolean };
}

const first = 90;
const added = 37;

/** Data on the real engine: from the official downloads to a champion, and then a refresh. The tests build on one another. */
describe("the data of a stack", () => {
  let project: LocalProject;
  let server: FileServer;
  let folder: string;
  let sample: SampleFolder;
  let coco: Instances;

  beforeAll(async () => {
    project = await LocalProject.create();
    server = await FileServer.start();
    folder = await mkdtemp(join(tmpdir(), "data-"));
    sample = await ensureSample(stateFolders().sample);
    coco = JSON.parse(await readFile(sample.annotationsFile, "utf8")) as Instances;
    const job = parse(await readFile("jobs/yolov5.yml", "utf8")) as Record<string, object>;
    const quick = { ...job, training_parameters: { number_of_epochs: 2 } };
    await writeFile(join(folder, "quick.yml"), stringify(quick));
  }, 600_000);
  afterAll(async () => {
    await project.remove();
    await server.stop();
    await rm(folder, { recursive: true, force: true });
  }, 60_000);

  /** The first images of the sample, with their boxes. */
  function instances(count: number): Instances {
    const images = coco.images.slice(0, count);
    const ids = new Set(images.map(({ id }) => id));
    return { ...coco, images, annotations: coco.annotations.filter(({ image_id }) => ids.has(image_id)) };
  }

  async function configure(data: object): Promise<string> {
    const settings = parse(await readFile("Pulumi.local.yaml", "utf8")) as { config: Record<string, unknown> };
    settings.config["azure-ml-object-detection:data"] = data;
    settings.config["azure-ml-object-detection:training"] = { jobs: [join(folder, "quick.yml")] };
    settings.config["azure-ml-object-detection:model"] = { minimumMetric: 0 };
    const file = join(folder, "Pulumi.data.yaml");
    await writeFile(file, stringify(settings));
    return file;
  }

  async function writeFolder(count: number): Promise<object> {
    const images = join(folder, "images");
    await mkdir(images, { recursive: true });
    for (const { file_name } of coco.images.slice(0, count)) {
      await writeFile(join(images, file_name), await readFile(join(sample.imagesFolder, file_name)));
    }
    const annotations = join(folder, "instances.json");
    await writeFile(annotations, JSON.stringify(instances(count)));
    return { images, annotations, oldVersions: "archive" };
  }

  const versions = async (name: string) =>
    (await project.list<{ value: Version[] }>(`data/${name}/versions?listViewType=All`)).value;

  test("comes from the zips of COCO 2017 over breaking connections, to a champion that answers", async () => {
    const names = (await readdir(sample.imagesFolder)).sort().slice(0, first);
    const pictures = await Promise.all(
      names.map(async (name) => [name, await readFile(join(sample.imagesFolder, name))] as const),
    );
    const annotations = Buffer.from(JSON.stringify(instances(first)));
    server.files.set("/zips/train2017.zip", { content: await zipOf("train2017", pictures), etag: '"images"' });
    server.files.set("/annotations/annotations_trainval2017.zip", {
      content: await zipOf("annotations", [["instances_train2017.json", annotations]]),
      etag: '"annotations"',
    });
    server.trouble = (seen) => (seen % 5 === 4 ? undefined : { cutAfter: 5000 });
    const coco2017 = { baseUrl: server.url, cacheFolder: join(folder, "cache") };
    const config = await configure({
      source: "coco2017",
      coco2017,
      classesFrom: "supercategory",
      oldVersions: "archive",
    });
    const up = ["pulumi", "up", "--yes", "--skip-preview", "--config-file", config];
    const { status, output } = await project.run(...up);
    expect(output).toContain(`Upload of COCO 2017 train2017: ${first} files`);
    expect(output).toMatch(/Champion: version 1 promoted; first champion/);
    expect(status).toBe(0);
    expect(server.requests.filter(({ range }) => range !== undefined).length).toBeGreaterThan(1);
    const [{ properties }] = (await versions("cocotrain2017-training")) as [Version];
    expect(properties.tags).toEqual({
      source: "coco2017 train2017",
      images: String(first),
      boxes: String(instances(first).annotations.length),
      labels: "3",
      converter: "1",
      classes: "supercategory",
      splitSeed: "7",
      validationFraction: "0.2",
    });

    server.requests.splice(0);
    await rm(join(folder, "cache", "train2017.zip"));
    const again = await project.run("pulumi", "preview", "--expect-no-changes", "--config-file", config);
    expect(again.output).toMatch(/Resources:\s+\d+ unchanged/);
    expect(server.requests).toEqual([]);
  }, 600_000);

  test("is the same version from a folder, and new images are told by the preview, sent alone, and archive the old", async () => {
    const same = await configure(await writeFolder(first));
    const before = await project.run("pulumi", "preview", "--config-file", same);
    const boxes = instances(first).annotations.length;
    expect(before.output).toMatch(
      new RegExp(`Data: unchanged, version [0-9a-f]{16} \\(${first} images, ${boxes} boxes\\)`),
    );

    const config = await configure(await writeFolder(first + added));
    const more = instances(first + added).annotations.length - boxes;
    const preview = await project.run("pulumi", "preview", "--config-file", config);
    const told = new RegExp(`Data: \\+${added} images, \\+${more} boxes, new version ([0-9a-f]{16})`);
    expect(preview.output).toMatch(told);
    const [, version = ""] = told.exec(preview.output) ?? [];

    const dataset = "cocotrain2017-training";
    const [old] = (await versions(dataset)) as [Version];
    const { status, output } = await project.run("pulumi", "up", "--yes", "--skip-preview", "--config-file", config);
    expect(output).toMatch(new RegExp(`${first + added} files, \\d+ bytes, ${first} skipped, ${added} sent`));
    expect([status, status === 0 ? "" : output]).toEqual([0, ""]);
    const found = Object.fromEntries((await versions(dataset)).map(({ name, properties }) => [name, properties]));
    expect(Object.keys(found).sort()).toEqual([old.name, version].sort());
    expect(found[old.name]).toMatchObject({ isArchived: true, tags: { source: "coco2017 train2017" } });
    expect(found[version]).toMatchObject({ isArchived: false, tags: { source: "folder", images: `${first + added}` } });
  }, 600_000);
});
