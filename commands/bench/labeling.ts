import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { imageSigning } from "../../lib/labeling/connection";
import { createProject, deleteProject } from "../../lib/labeling/api";
import { LabelStudioClient } from "../../lib/labeling/client";
import { ImageTasks, type ImageBlob } from "../../lib/labeling/images";
import { labelConfig } from "../../lib/labeling/labelConfig";
import { syncTasks } from "../../lib/labeling/syncTasks";
import type { SentBatch } from "../../lib/labeling/taskLedger";
import { labelingEnvironment, startLabeling, stopLabeling } from "../../local/labeling/control";
import { benchCloud } from "./interruption";
import type { Row } from "./rows";

/** As many as the training part of COCO 2017 has. */
const images = 118_287;
const sampleMs = 500;
const megabyte = 1024 * 1024;

/** Imports the names of so many images, whose pictures nobody reads, into a real Label Studio; and looks through them again. */
export async function labelingRows(folder: string): Promise<Row[]> {
  const cloud = await benchCloud(folder);
  await startLabeling(folder, cloud, console.log);
  try {
    const environment = await labelingEnvironment(folder);
    const {
      LABEL_STUDIO_URL: url = "",
      LABEL_STUDIO_API_KEY: token = "",
      LABELING_IMAGES_URL: imagesUrl = "",
    } = environment;
    const client = new LabelStudioClient({ url, token });
    const { pid } = JSON.parse(await readFile(join(folder, "labeling", "service.json"), "utf8")) as { pid: number };
    const { id: projectId } = await createProject(client, {
      ...{ title: "bench", description: "", label_config: labelConfig(["person"]) },
      ...{ expert_instruction: "", show_instruction: false },
    });
    const place = { account: "account", container: "images", prefix: "train2017/" };
    const tasks = new ImageTasks(imageSigning({ imagesUrl }, environment), place, Date.now());
    let noted: SentBatch | undefined;
    const ledger = {
      assertHeld: () => {},
      read: async () => noted,
      write: async (sent: SentBatch | undefined) => void (noted = sent),
    };
    const run = () => syncTasks({ client, projectId, images: names(), tasks, ledger, now: new Date().toISOString() });
    const first = await measured(pid, run);
    const again = await measured(pid, run);
    await deleteProject(client, projectId);
    const rate = (ms: number) => `${Math.round(images / (ms / 1000))} tasks/s, ${Math.round(ms / 1000)} s`;
    return [
      { what: `import of ${images} tasks into Label Studio`, figure: rate(first.ms), limit: "" },
      { what: "  memory of this process at most", figure: first.own, limit: "" },
      { what: "  memory of Label Studio at most", figure: first.studio, limit: "" },
      { what: "  the same once more, nothing to change", figure: rate(again.ms), limit: "" },
    ];
  } finally {
    await stopLabeling(folder);
  }
}

async function* names(): AsyncGenerator<ImageBlob> {
  for (let number = 1; number <= images; number++) {
    const path = `${String(number).padStart(12, "0")}.jpg`;
    yield { path, version: `md5-${number}`, etag: `"${number}"` };
  }
}

async function measured(studio: number, work: () => Promise<unknown>) {
  const most = { own: 0, studio: 0 };
  const look = async () => {
    most.own = Math.max(most.own, process.memoryUsage.rss());
    const status = await readFile(`/proc/${studio}/status`, "utf8").catch(() => "");
    most.studio = Math.max(most.studio, Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1] ?? 0) * 1024);
  };
  const timer = setInterval(() => void look(), sampleMs);
  const started = performance.now();
  await work();
  clearInterval(timer);
  await look();
  const shown = (bytes: number) => `${Math.round(bytes / megabyte)} MB`;
  return { ms: performance.now() - started, own: shown(most.own), studio: shown(most.studio) };
}
