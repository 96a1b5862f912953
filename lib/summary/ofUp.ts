import type { PriceList } from "../prices/list";
import type { StandingNodes } from "../prices/standing";
import type { Output } from "../terminal";
import { costLines } from "./costs";
import { changesLine, named, renderLines, resultLines, trainingLines, type Line } from "./lines";
import { nextSteps, type Calls } from "./next";
import type { PlatformFacts } from "./platform";
import type { Training } from "./training";

export interface UpFacts {
  /** Undefined where the `up` did not come to its end. */
  platform: PlatformFacts | undefined;
  trainings: readonly Training[];
  standing: readonly StandingNodes[];
  prices: PriceList;
  /** What the engine did, where it is known. */
  done?: { changes: Readonly<Record<string, number>>; failed: number; seconds: number };
  calls: Calls;
}

/** Lines of the caller's own. */
export interface OwnLines {
  /** What can be looked at. */
  views?: readonly Line[];
  next?: readonly string[];
}

/** What an `up` did, what it costs, and what can be done next. */
export async function upSummary(facts: UpFacts, output: Output, own: OwnLines = {}): Promise<string> {
  const { platform, trainings, standing, prices, done, calls } = facts;
  const costs = await costLines(trainings, standing, prices);
  const report = platform?.promotion.report;
  const views = own.views ?? (report ? [["Report", report] satisfies Line] : []);
  const next = platform ? [...nextSteps(platform, trainings, calls), ...(own.next ?? [])] : [];
  const lines: Line[] = [
    ...(platform ? resultLines(platform, calls.local) : []),
    ...views,
    ...trainingLines(trainings),
    ...(done ? [changesLine(done.changes, done.failed)] : []),
    ...named("Cost", calls.local ? ["nothing here; on Azure it would be", ...costs] : costs),
    ...(done ? [["Time", `${done.seconds} s`] satisfies Line] : []),
    ...named("Next", next),
  ];
  return renderLines(lines, output);
}
