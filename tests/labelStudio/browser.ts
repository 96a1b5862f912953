import type { Browser, KeyInput, Page } from "puppeteer-core";
import type { Box } from "../../lib/serving/detections";

/** A task on its page in Label Studio, and who looks at it. */
export interface TaskPage {
  url: string;
  /** Number of the project. */
  project: string;
  /** Number of the task. */
  task: number;
  email: string;
  password: string;
}

const waitMs = 60_000;

export async function signIn(page: Page, { url, email, password }: Omit<TaskPage, "project" | "task">): Promise<void> {
  await page.goto(`${url}/user/login/`, { timeout: waitMs });
  await page.type("#email", email);
  await page.type("#password", password);
  await Promise.all([page.waitForNavigation({ timeout: waitMs }), page.click("button[type=submit]")]);
}

/** Opens a task, and waits until its image is drawn. */
export async function openTask(page: Page, { url, project, task }: TaskPage): Promise<void> {
  await page.goto(`${url}/projects/${project}/data?task=${task}`, { timeout: waitMs });
  await page.waitForSelector(".konvajs-content canvas", { timeout: waitMs });
  // The page loads the image by itself, and draws what it got.
  const isDrawn =
    "[...document.querySelectorAll('img')].some(({ src, naturalWidth }) => src.startsWith('blob:') && naturalWidth > 0)";
  await page.waitForFunction(isDrawn, { timeout: waitMs });
}

/** Takes a picture of a task's page, once the suggested boxes are in its list. */
export async function lookInBrowser(browser: Browser, task: TaskPage, picture: string): Promise<void> {
  await inContext(browser, task, async (page) => {
    await page.waitForSelector(".lsf-outliner-item, [class*=outliner-item]", { timeout: waitMs });
    await shoot(page, picture);
  });
}

/** Takes a picture of the list of a project's images, once they are drawn. */
export async function lookAtProject(browser: Browser, task: TaskPage, picture: string): Promise<void> {
  await signedIn(browser, task, async (page) => {
    await page.goto(`${task.url}/projects/${task.project}/data`, { timeout: waitMs });
    // Those below the window are not loaded.
    const areDrawn = "[...document.images].filter(({ naturalWidth }) => naturalWidth > 0).length > 9";
    await page.waitForFunction(areDrawn, { timeout: waitMs });
    await shoot(page, picture);
  });
}

/**
 * Draws a box with the mouse, and submits it.
 * @param key of the box's label
 * @param picture file for a picture of the page before the submission
 */
export async function drawInBrowser(
  browser: Browser,
  task: TaskPage,
  { topX, topY, bottomX, bottomY }: Box,
  key: KeyInput,
  picture?: string,
): Promise<void> {
  await inContext(browser, task, async (page) => {
    const image = await page.$("img[src^='blob:']");
    const place = await image?.boundingBox();
    if (!place) throw new Error("the image has no place on the page");
    const at = (x: number, y: number) => [place.x + place.width * x, place.y + place.height * y] as const;
    await page.keyboard.press(key);
    await page.mouse.move(...at(topX, topY));
    await page.mouse.down();
    await page.mouse.move(...at((topX + bottomX) / 2, (topY + bottomY) / 2), { steps: 8 });
    await page.mouse.move(...at(bottomX, bottomY), { steps: 8 });
    await page.mouse.up();
    if (picture) await shoot(page, picture);
    const saved = page.waitForResponse(
      (answer) => answer.url().includes(`/api/tasks/${task.task}/annotations`) && answer.request().method() === "POST",
      { timeout: waitMs },
    );
    await page.click("[data-testid=bottombar-submit-button]");
    const answer = await saved;
    if (answer.status() !== 201) throw new Error(`the submission was answered with ${answer.status()}`);
  });
}

async function inContext(browser: Browser, task: TaskPage, work: (page: Page) => Promise<void>): Promise<void> {
  await signedIn(browser, task, async (page) => {
    await openTask(page, task);
    await work(page);
  });
}

async function signedIn(browser: Browser, task: TaskPage, work: (page: Page) => Promise<void>): Promise<void> {
  const context = await browser.createBrowserContext();
  try {
    const page = await context.newPage();
    await page.setViewport({ width: 1280, height: 860 });
    await signIn(page, task);
    await work(page);
  } finally {
    await context.close();
  }
}

async function shoot(page: Page, file: string): Promise<void> {
  await page.screenshot({ path: file, quality: 70 });
}
