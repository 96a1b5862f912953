import { seriesVariables } from "../charts/look";
import { plural } from "../../plural";
import { tableDate } from "../../prices/table";
import { figure } from "../figures";
import { html, jsonForScript, type Markup } from "../html/markup";
import { renderPage, section } from "../html/page";
import type { Pictures } from "../pictures/collect";
import type { Collected, ReportRun } from "../runs/run";
import { curveSection, labelSection, sweepSection } from "./charts";
import { pictureSection, pictureStyle } from "./pictures";
import { comparisonScript, comparisonStyle } from "./script";
import { gateTable, lineageTable, parameterTable, runName, runTable } from "./tables";

/** The comparison as one HTML file. @param now when it was made */
export function renderComparison(
  { workspaceId, runs, notes }: Collected,
  pictures: Pictures | undefined,
  now = new Date(),
): string {
  const told = [...notes, ...costNotes(runs)];
  const curves = curveSection(runs, told);
  const data = { runs: runs.map(({ name }) => name), charts: curves.data };
  const body = html`${facts(runs)} ${section("runs", "Runs", runTable(runs))}
    ${section("gate", "Promotion gate", gateTable(runs))}
    ${section("curves", "Metrics over epochs", html`${legend(runs)}${curves.markup}`)}
    ${section("parameters", "Parameters", html`${sweepSection(runs)}${parameterTable(runs)}`)}
    ${section("labels", "Labels", labelSection(runs))} ${section("pictures", "Pictures", pictureSection(pictures))}
    ${section("lineage", "Lineage", lineageTable(runs))}
    ${
      told.length > 0 &&
      section(
        "notes",
        "Notes",
        html`<ul>
          ${told.map((note) => html`<li>${note}</li>`)}
        </ul>`,
      )
    }
    <script type="application/json" id="chart-data">
      ${jsonForScript(data)}
    </script>`;
  return renderPage({
    title: `Comparison of ${plural(runs.length, "run")}`,
    subtitle: `Workspace ${workspaceId.split("/").at(-1)}, made ${now.toISOString().slice(0, 16).replace("T", " ")} UTC`,
    body,
    script: comparisonScript,
    style: seriesVariables(runs.length) + comparisonStyle + pictureStyle,
  });
}

function facts(runs: readonly ReportRun[]): Markup {
  const best = runs.reduce<ReportRun | undefined>(
    (top, run) => ((run.best?.value ?? -1) > (top?.best?.value ?? -1) ? run : top),
    undefined,
  );
  const champion = runs.find(({ championOf }) => championOf !== undefined);
  const total = (pick: (run: ReportRun) => number | null) => runs.reduce((sum, run) => sum + (pick(run) ?? 0), 0);
  const stopped = runs.filter(({ stopped: why }) => why?.startsWith("stopped")).length;
  const fact = (value: string, text: string) => html`<li><b>${value}</b><span>${text}</span></li>`;
  const costs = runs.some(({ use }) => use.cost !== null);
  return html`<ul class="facts">
    ${fact(figure(best?.best?.value), `best mAP, ${best?.best ? best.name : "by no run"}${best === champion && champion ? " (the champion)" : ""}`)}
    ${champion && champion !== best && fact(figure(champion.best?.value), `champion's mAP, ${champion.name}`)}
    ${fact(String(runs.length), `${runs.length === 1 ? "run" : "runs"}${stopped > 0 ? `, ${stopped} of them stopped early` : ""}`)}
    ${fact(figure(total(({ use }) => use.nodeHours)), "node hours")}
    ${fact(
      costs
        ? `${figure(
            total(({ use }) => use.cost),
            2,
          )} USD`
        : "–",
      costs ? "at the prices below" : "no price is known",
    )}
  </ul>`;
}

function legend(runs: readonly ReportRun[]): Markup {
  return html`<div class="controls" role="group" aria-label="Runs in the charts">
    <button type="button" data-all="true">All</button><button type="button" data-all="false">None</button>
    ${runs.map((run, index) => html`<button type="button" aria-pressed="true" data-run="${index}">${runName({ ...run, studioUrl: undefined }, index)}</button>`)}
  </div>`;
}

function costNotes(runs: readonly ReportRun[]): string[] {
  const sizes = [...new Set(runs.flatMap(({ use }) => (use.vmSize === null ? [] : [use.vmSize])))];
  const unknown = runs.filter(({ use }) => use.cost === null).length;
  const where = sizes.length > 0 ? ` Sizes: ${sizes.join(", ")}.` : "";
  return [
    `Node hours go by each run's time from start to end on its nodes, what it waited for a node included where tracking counts that. Costs are those at the price given, else at list prices of ${tableDate} (USD, Linux, pay as you go, East US 2); they are no bill.${where}`,
    ...(unknown > 0 ? [`No price is known for ${plural(unknown, "run")}: --price-per-hour gives one.`] : []),
  ];
}
