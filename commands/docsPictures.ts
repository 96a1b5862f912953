import { execFile } from "node:child_process";
import { mkdtemp, readdir, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import type { Browser } from "puppeteer-core";
import sharp from "sharp";
import { UserError } from "../lib/errors";
import { step } from "../lib/terminal";
import { typescriptOptions } from "../lib/typescript";
import { runningCloud } from "../local/emulator/control";
import { clientEnvironment } from "../local/exports";
import { projectFolder, stateFolders } from "../local/state";
import { chromium, openBrowser, openWindow, type ColourMode } from "./docsPictures/browser";
import { runCommand } from "./runCommand";

const out = join(projectFolder, "docs", "pictures");
/** Pictures of documents are loaded by everybody who reads them. */
const mostBytes = 150_000;
const width = 1240;

/** A picture of a page: the part from the top of one element to the bottom of another. */
interface Shot {
  name: string;
  page: "report" | "gallery";
  mode: ColourMode;
  from: string;
  to: string;
}

const shots: readonly Shot[] = [
  { name: "report-light", page: "report", mode: "light", from: "header", to: ".charts figure:nth-of-type(2)" },
  { name: "report-dark", page: "report", mode: "dark", from: "header", to: ".charts figure:nth-of-type(2)" },
  { name: "report-pictures", page: "report", mode: "light", from: "#pictures", to: ".pair:nth-of-type(2)" },
  { name: "gallery", page: "gallery", mode: "light", from: "#gallery", to: ".gallery figure:nth-of-type(8)" },
];

/** Makes the documents' pictures anew, from what the local cloud has after `npm run up:local`. */
async function main(): Promise<void> {
  if (!chromium)
    throw new UserError("Chromium is not installed. Install it (apt-get install chromium), or name it by CHROMIUM.");
  const folders = stateFolders();
  const record = await runningCloud(folders.root);
  const scored = (await readdir(folders.pictures).catch(() => [])).find((name) => name.startsWith("scored-"));
  if (!record || !scored)
    throw new UserError(
      'There is no run to take pictures of. Run "npm run up:local" first, in the same LOCAL_STATE_DIR.',
    );
  const env = { ...process.env, ...(await clientEnvironment(record)) };
  const work = await mkdtemp(join(tmpdir(), "pictures-"));
  const browser = await openBrowser();
  try {
    const pages = { report: join(work, "report.html"), gallery: join(work, "gallery.html") };
    await tool("compare", ["champion", "latest", "--out", pages.report], env);
    const assets = ["cocotrain2017-training", "cocotrain2017-validation"];
    await tool("dataShow", [...assets, "--most", "24", "--out", pages.gallery], env);
    for (const shot of shots) await take(browser, pages[shot.page], shot);
    await sharp(join(folders.pictures, scored)).resize(640).webp({ quality: 80 }).toFile(fileOf("scored"));
  } finally {
    await browser.close();
    await rm(work, { recursive: true, force: true });
  }
  for (const name of [...shots.map((shot) => shot.name), "scored"]) {
    const { size } = await stat(fileOf(name));
    if (size > mostBytes) throw new Error(`${fileOf(name)} has ${size} bytes; at most ${mostBytes} are wanted`);
    step(`${fileOf(name)} (${Math.round(size / 1000)} kB)`);
  }
}

function fileOf(name: string): string {
  return join(out, `${name}.webp`);
}

async function tool(name: string, args: readonly string[], env: NodeJS.ProcessEnv): Promise<void> {
  await promisify(execFile)(process.execPath, [...typescriptOptions, join(__dirname, `${name}.ts`), ...args], {
    env,
  });
}

async function take(browser: Browser, file: string, { name, mode, from, to }: Shot): Promise<void> {
  const page = await openWindow(browser, width, mode);
  await page.goto(`file://${file}`, { timeout: 30_000 });
  const edge = async (selector: string) => {
    const box = await (await page.$(selector))?.boundingBox();
    if (!box) throw new Error(`${name}: the page has no ${selector}`);
    return box;
  };
  const [top, last] = [await edge(from), await edge(to)];
  const y = Math.max(0, top.y - 12);
  const clip = { x: 0, y, width, height: last.y + last.height + 12 - y };
  await page.screenshot({ path: fileOf(name), type: "webp", quality: 72, clip, captureBeyondViewport: true });
  await page.close();
}

runCommand(main);
