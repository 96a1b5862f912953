import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import type { AxeResults } from "axe-core";
import type { Browser, Page } from "puppeteer-core";
import { chromium, openWindow, type ColourMode } from "../../commands/docsPictures/browser";

export { openBrowser } from "../../commands/docsPictures/browser";

/** Says, once a file, what is left out. */
export const describeInBrowser: typeof describe.skip = chromium
  ? describe
  : Object.assign((...args: Parameters<typeof describe.skip>) => {
      console.warn(
        "Chromium is not installed, so the tests that open pages in a browser are LEFT OUT: apt-get install chromium",
      );
      describe.skip(...args);
    }, describe.skip);

export interface View {
  width: number;
  mode: ColourMode;
}

export const views: View[] = [
  { width: 1280, mode: "light" },
  { width: 1280, mode: "dark" },
  { width: 390, mode: "light" },
  { width: 390, mode: "dark" },
];

export interface Seen {
  /** What axe finds serious or critical, as "rule: elements". */
  serious: string[];
  /** Errors of the page's scripts and of its policy. */
  errors: string[];
  /** Requests to anywhere but the file. */
  requests: string[];
  /** Whether the page is wider than the window. */
  tooWide: boolean;
}

/** Opens a file from disk and looks at it as a reader with that window would. @param act what the reader does there */
export async function look(
  browser: Browser,
  file: string,
  { width, mode }: View,
  act?: (page: Page) => Promise<void>,
): Promise<Seen> {
  const page = await openWindow(browser, width, mode);
  try {
    const seen: Seen = { serious: [], errors: [], requests: [], tooWide: false };
    page.on("pageerror", (error) => seen.errors.push(String(error)));
    page.on("console", (message) => message.type() === "error" && seen.errors.push(message.text()));
    page.on("request", (request) => !/^(file|data):/.test(request.url()) && seen.requests.push(request.url()));
    page.on("dialog", (dialog) => {
      seen.errors.push(`dialog: ${dialog.message()}`);
      void dialog.dismiss();
    });
    await page.goto(`file://${file}`, { timeout: 30_000 });
    await act?.(page);
    seen.tooWide = (await page.evaluate("document.documentElement.scrollWidth > window.innerWidth + 1")) as boolean;
    // The page's policy forbids other scripts; the debugger's are not asked.
    await page.evaluate(await readFile(createRequire(__filename).resolve("axe-core/axe.min.js"), "utf8"));
    const results = (await page.evaluate("axe.run({ resultTypes: ['violations'] })")) as AxeResults;
    seen.serious = results.violations
      .filter(({ impact }) => impact === "serious" || impact === "critical")
      .map(
        ({ id, nodes }) =>
          `${id}: ${nodes
            .slice(0, 3)
            .map(({ html }) => html)
            .join(" ")}`,
      );
    return seen;
  } finally {
    await page.close();
  }
}
