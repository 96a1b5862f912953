import { join } from "node:path";
import { chromium, openBrowser } from "../../commands/docsPictures/browser";
import { listSuggestions } from "../../lib/labeling/api";
import type { Annotation } from "../../lib/labeling/outcome";
import { readRegion } from "../../lib/labeling/regions";
import type { Task } from "../../lib/labeling/wire";
import { iou } from "../../lib/serving/detections";
import { drawInBrowser, lookAtProject, lookInBrowser } from "./browser";
import type { LoopStack } from "./loopStack";

/** In the order of the keys that choose them. */
const labels = ["person", "food", "animal"];

/** Draws the first of an image's boxes with the mouse; where there is no browser, the API gets them. */
export async function labelInBrowser(stack: LoopStack, task: Task): Promise<void> {
  const [box] = stack.truthOf(task);
  if (!box) throw new Error("there is nothing on the image");
  if (!chromium) {
    console.warn(
      "Chromium is not installed, so drawing a box in the browser is LEFT OUT, and it is sent to the API: apt-get install chromium",
    );
    return stack.label([task]);
  }
  const browser = await openBrowser();
  try {
    const key = (["1", "2", "3"] as const)[labels.indexOf(box.label)];
    await drawInBrowser(browser, await pageOf(stack, task.id), box, key, pictureFile("box"));
  } finally {
    await browser.close();
  }
  const { annotations } = (await stack.admin.get(`/api/tasks/${task.id}/`)) as { annotations: Annotation[] };
  const drawn = readRegion(annotations[0].result[0]);
  if (typeof drawn === "string") throw new Error(drawn);
  expect(drawn.box.label).toBe(box.label);
  expect(iou(drawn.box, box)).toBeGreaterThan(0.9);
}

/** For the documents, where they are wanted: of the project, and of the image with the most suggestions. */
export async function takePictures(stack: LoopStack): Promise<void> {
  const [project, suggestions] = [pictureFile("project"), pictureFile("suggestions")];
  if (!project || !suggestions) return;
  let most = { task: 0, boxes: -1 };
  for await (const { id, predictions } of listSuggestions(stack.admin, await stack.projectId(), [])) {
    const boxes = predictions[0]?.result.length ?? 0;
    if (boxes > most.boxes) most = { task: id, boxes };
  }
  const page = await pageOf(stack, most.task);
  const browser = await openBrowser();
  try {
    await lookAtProject(browser, page, project);
    await lookInBrowser(browser, page, suggestions);
  } finally {
    await browser.close();
  }
}

/** Where a picture is to be written; undefined where none is wanted. */
function pictureFile(name: string): string | undefined {
  const { LABELING_PICTURES: pictures } = process.env;
  return pictures && join(pictures, `labeling-${name}.webp`);
}

async function pageOf(stack: LoopStack, task: number) {
  return {
    ...{ url: stack.admin.url, project: String(await stack.projectId()), task },
    ...{ email: "anna@example.com", password: stack.labelers[0].password },
  };
}
