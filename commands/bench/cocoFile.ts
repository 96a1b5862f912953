import { createWriteStream } from "node:fs";
import { once } from "node:events";
import { seededRandom } from "../../local/sample/random";

/** Counts of COCO's train2017. */
const imageCount = 118_287;
const annotationCount = 860_001;
const crowdEach = 86;
const flushBytes = 1024 * 1024;

/** COCO's category ids go to 90 with gaps; for times a plain row will do. */
const categories = Array.from({ length: 80 }, (_, index) => ({
  id: index + 1,
  name: `category ${index + 1}`,
  supercategory: `group ${index % 12}`,
}));

/** "polygons" as in train2017, and a crowd's run lengths now and then; or boxes alone, as labeling tools export them. */
export type CocoShape = "polygons" | "boxes";

/** Writes an instances file with the counts of train2017, the same for each seed. */
export async function writeCocoFile(file: string, seed: number, shape: CocoShape): Promise<void> {
  const random = seededRandom(seed);
  const out = createWriteStream(file);
  let pending = "";
  const write = async (text: string) => {
    pending += text;
    if (pending.length < flushBytes) return;
    if (!out.write(pending)) await once(out, "drain");
    pending = "";
  };
  await write('{"info": {"description": "made for a benchmark"}, "licenses": [], "images": [');
  for (let id = 1; id <= imageCount; id++) await write((id > 1 ? ", " : "") + JSON.stringify(image(id)));
  await write('], "annotations": [');
  for (let id = 1; id <= annotationCount; id++) await write((id > 1 ? ", " : "") + annotation(id));
  await write(`], "categories": ${JSON.stringify(categories)}}`);
  out.end(pending);
  await once(out, "finish");

  function annotation(id: number): string {
    const [x, y] = [random.number(0, 500), random.number(0, 350)].map(hundredths);
    const [width, height] = [random.number(5, 135), random.number(5, 125)].map(hundredths);
    const crowd = id % crowdEach === 0;
    const segmentation = shape === "polygons" ? outline([x, y, width, height], crowd) : undefined;
    return JSON.stringify({
      segmentation,
      area: hundredths(width * height * 0.7),
      iscrowd: crowd ? 1 : 0,
      image_id: Math.floor(random.number(1, imageCount + 1)),
      bbox: [x, y, width, height],
      category_id: Math.floor(random.number(1, 81)),
      id,
    });
  }

  function outline([x, y, width, height]: [number, number, number, number], crowd: boolean): object {
    const around = Array.from(
      { length: crowd ? 200 : 2 * Math.floor(random.number(4, random.number(4, 94))) },
      (_, index) =>
        crowd
          ? Math.floor(random.number(0, 400))
          : hundredths(index % 2 ? random.number(y, y + height) : random.number(x, x + width)),
    );
    return crowd ? { counts: around, size: [480, 640] } : [around];
  }
}

function image(id: number): object {
  const name = `${String(id).padStart(12, "0")}.jpg`;
  return {
    license: 3,
    file_name: name,
    coco_url: `http://images.cocodataset.org/train2017/${name}`,
    height: 480,
    width: 640,
    date_captured: "2013-11-14 11:18:45",
    flickr_url: "http://farm9.staticflickr.com/8186/8119368305_4e622c8349_z.jpg",
    id,
  };
}

function hundredths(value: number): number {
  return Math.round(value * 100) / 100;
}
