import { PriceList } from "../lib/prices/list";
import { upSummary, type UpRecord } from "../lib/summary";
import type { Platform } from "./platform";
import { defaultStack } from "./stackChoice";

/** What an `up` that came to its end left to look at. */
export interface Views {
  picture: { file: string; boxes: number };
  /** File of the gate's report; undefined where there is none. */
  report: string | undefined;
}

// Nobody outside this machine is asked.
const prices = new PriceList({ region: "eastus2", url: null });
const calls = { up: "npm run up:local", stack: `--stack ${defaultStack}`, local: true };

/** What `up:local` did, what it would cost on Azure, and what can be done next. */
export function summaryOf(up: UpRecord, elapsedMs: number, platform: Platform, views: Views): Promise<string> {
  const done = { ...up, seconds: Math.round(elapsedMs / 1000) };
  const { picture, report } = views;
  return upSummary({ ...up, platform, prices, done, calls }, process.stdout, {
    views: [
      ["Picture", `${picture.file} (${picture.boxes} boxes on a held-out image)`],
      ...(report === undefined ? [] : [["Report", report] as [string, string]]),
    ],
    next: [
      "change jobs/sweep.yml, and npm run up:local trains it and lets the gate decide",
      "npm run local:stop ends the local Azure and keeps its state",
    ],
  });
}

/** How far an `up` got that failed. */
export function failureSummaryOf(up: UpRecord): Promise<string> {
  return upSummary({ ...up, platform: undefined, prices, done: up, calls }, process.stdout);
}
