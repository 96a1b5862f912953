import { existsSync } from "node:fs";
import puppeteer, { type Browser, type Page } from "puppeteer-core";

/** Where Chromium is; undefined where it is not installed. CHROMIUM names another place. */
export const chromium = [
  process.env.CHROMIUM,
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
].find((file) => file !== undefined && existsSync(file));

export function openBrowser(): Promise<Browser> {
  return puppeteer.launch({ executablePath: chromium, args: ["--no-sandbox"], timeout: 30_000 });
}

export type ColourMode = "light" | "dark";

/** An empty window of that width, of a reader with that choice of colours. */
export async function openWindow(browser: Browser, width: number, mode: ColourMode): Promise<Page> {
  const page = await browser.newPage();
  await page.setViewport({ width, height: 900 });
  await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: mode }]);
  return page;
}
