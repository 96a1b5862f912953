import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { UserError } from "../lib/errors";
import { drawDetections } from "../lib/report/annotatedImage";
import { LocalClient } from "./client";
import type { CloudRecord } from "./environment";
import { endpointKeysPath, type Platform } from "./platform";
import type { SampleFolder } from "./sample";

interface ScoredImage {
  boxes: { box: { topX: number; topY: number; bottomX: number; bottomY: number }; label: string; score: number }[];
}

interface HeldOut {
  images: { id: number; file_name: string }[];
  annotations: { image_id: number }[];
}

/** Boxes that are drawn; the endpoint answers weaker ones as well. */
const shownScore = 0.3;
/** Objects that the shown picture should have. */
const enoughObjects = 4;

/** Sends a held-out picture to the endpoint and draws what it answers. Answers the picture's path and the number of boxes. */
export async function scorePicture(
  record: CloudRecord,
  platform: Platform,
  sample: SampleFolder,
  folder: string,
  signal: AbortSignal,
): Promise<{ file: string; boxes: number }> {
  const client = await LocalClient.connect(record, signal);
  try {
    const keys = await client.arm<{ primaryKey: string }>("POST", ...endpointKeysPath(platform));
    if (!keys)
      throw new UserError(
        `Endpoint ${platform.endpoint.name} is not there. Run "npm run local -- refresh", then "npm run up:local".`,
      );
    const image = await choosePicture(sample);
    const [scored] = await client.score<ScoredImage[]>(platform.endpoint.scoringUri, keys.primaryKey, [
      await readFile(image),
    ]);
    const boxes = (scored?.boxes ?? []).filter(({ score }) => score >= shownScore);
    await mkdir(folder, { recursive: true });
    const file = join(folder, `scored-${platform.champion.model}-v${platform.champion.version}.png`);
    await drawDetections(
      image,
      boxes.map(({ box, label, score }) => ({ ...box, label, score })),
      file,
    );
    return { file, boxes: boxes.length };
  } finally {
    await client.close();
  }
}

/** The first held-out picture with several objects. */
async function choosePicture(sample: SampleFolder): Promise<string> {
  const { images, annotations } = JSON.parse(await readFile(sample.heldOutAnnotationsFile, "utf8")) as HeldOut;
  const objects = (id: number) => annotations.filter(({ image_id: imageId }) => imageId === id).length;
  const chosen = images.find(({ id }) => objects(id) >= enoughObjects) ?? images[0];
  return join(sample.heldOutFolder, chosen?.file_name ?? "");
}
