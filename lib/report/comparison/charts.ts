import { primaryMetric } from "../../azure/jobs";
import { plural } from "../../plural";
import { drawBars } from "../charts/bars";
import { drawCurves, type CurveOfRun, type PlotArea } from "../charts/curves";
import { lookOf } from "../charts/look";
import { drawParallel, type ParallelAxis } from "../charts/parallel";
import { compact, figure } from "../figures";
import { html, type Markup } from "../html/markup";
import { renderTable } from "../html/table";
import { bestOf, chartedMetrics, thinned } from "../runs/curves";
import type { ReportRun } from "../runs/run";
import { runName } from "./tables";

/** Points of all curves together: what a page of a few megabytes holds. */
const mostPoints = 100_000;

/** What the script needs to tell values at an epoch. Steps that follow one another are their first. */
export interface ChartData {
  area: PlotArea;
  curves: { run: number; steps: number | number[]; values: number[] }[];
}

export interface CurveSection {
  markup: Markup;
  data: Record<string, ChartData>;
}

/** A chart a metric, with the curves of all runs over each other. */
export function curveSection(runs: readonly ReportRun[], notes: string[]): CurveSection {
  const metrics = chartedMetrics(runs).filter((metric) => runs.some(({ curves }) => curves[metric]?.steps.length));
  const points = runs.reduce(
    (sum, { curves }) => sum + metrics.reduce((own, metric) => own + (curves[metric]?.steps.length ?? 0), 0),
    0,
  );
  const share = Math.min(1, mostPoints / Math.max(1, points));
  if (share < 1)
    notes.push(
      `The runs have ${points} values; the curves show ${mostPoints} of them, chosen so that they look the same.`,
    );
  const data: Record<string, ChartData> = {};
  const figures = metrics.map((metric, index) => {
    const whole = runs.flatMap(({ curves }, run): CurveOfRun[] => {
      const curve = curves[metric];
      return curve && curve.steps.length > 0 ? [{ ...curve, run }] : [];
    });
    const curves = whole.map((curve) => ({
      ...thinned(curve, share === 1 ? Infinity : Math.max(20, Math.floor(curve.steps.length * share))),
      run: curve.run,
    }));
    const isLoss = /loss/i.test(metric);
    const top = bestRun(whole, isLoss);
    const text = `curves of ${plural(whole.length, "run")} over their epochs${top ? `; ${isLoss ? "lowest" : "best"} ${figure(top.value)} by ${runs[top.run]?.name ?? ""} at epoch ${top.step}` : ""}`;
    const { svg, area } = drawCurves(metric, curves, !isLoss, text);
    const id = `curve${index}`;
    data[id] = {
      area,
      curves: curves.map(({ run, steps, values }) => ({
        run,
        steps: isDense(steps) ? (steps[0] ?? 0) : steps,
        values: values.map((value) => compact(value)),
      })),
    };
    return html`<figure>
      <h3 id="${id}-title">${metric === primaryMetric ? "mAP (mean_average_precision)" : metric}</h3>
      <div
        class="chart plot"
        id="${id}"
        tabindex="0"
        role="group"
        aria-labelledby="${id}-title"
        aria-describedby="plot-help"
      >
        ${svg}
        <div class="cursor" hidden></div>
      </div>
      <p class="tip" role="status"></p>
      <figcaption>
        ${text.charAt(0).toUpperCase() + text.slice(1)}.${!isLoss && " A dot marks each run's best epoch."}
      </figcaption>
    </figure>`;
  });
  const markup =
    figures.length === 0
      ? html`<p class="note">These runs have logged no metric over epochs.</p>`
      : html`<p class="note help" id="plot-help">
            Point at a chart, or focus it and press the arrow keys, to read the values of an epoch.
          </p>
          <div class="charts">${figures}</div>
          ${bestTable(runs, metrics)}`;
  return { markup, data };
}

function isDense(steps: readonly number[]): boolean {
  return steps.every((step, index) => step === (steps[0] ?? 0) + index);
}

function bestRun(
  curves: readonly CurveOfRun[],
  isLoss: boolean,
): { run: number; value: number; step: number } | undefined {
  const sign = isLoss ? -1 : 1;
  return curves
    .flatMap((curve) => {
      const best = bestOf({ steps: curve.steps, values: curve.values.map((value) => sign * value) });
      return best ? [{ run: curve.run, value: sign * best.value, step: best.step }] : [];
    })
    .sort((a, b) => sign * (b.value - a.value))[0];
}

/** The curves in figures, for those who do not see them. */
function bestTable(runs: readonly ReportRun[], metrics: readonly string[]): Markup {
  const bestIn = ({ curves }: ReportRun, metric: string) => {
    const { steps = [], values = [] } = curves[metric] ?? {};
    const isLoss = /loss/i.test(metric);
    const best = bestOf({ steps, values: isLoss ? values.map((value) => -value) : values });
    return best ? `${figure(Math.abs(best.value))} (${best.step})` : "–";
  };
  const table = renderTable({
    caption: "Best value of each curve (lowest of losses), with its epoch in brackets",
    columns: [{ title: "Run" }, ...metrics.map((metric) => ({ title: metric, numeric: true }))],
    rows: runs.map((run, index) => ({ cells: [runName(run, index), ...metrics.map((metric) => bestIn(run, metric))] })),
  });
  return html`<details>
    <summary>The curves in figures</summary>
    ${table}
  </details>`;
}

/** Axes of the chart of hyperparameters at most. */
const mostAxes = 9;

/** What differs between the runs against mAP; nothing when there is nothing to see. */
export function sweepSection(runs: readonly ReportRun[]): Markup | undefined {
  const names = [...new Set(runs.flatMap(({ params }) => Object.keys(params)))].sort();
  const varied = names.filter((name) => new Set(runs.map(({ params }) => params[name])).size > 1);
  if (runs.length < 2 || varied.length === 0) return undefined;
  const shown = varied.slice(0, mostAxes);
  const axes: ParallelAxis[] = [
    ...shown.map((name) => ({ name, values: valuesOf(runs.map(({ params }) => params[name])) })),
    { name: "mAP", values: runs.map(({ best }) => best?.value) },
  ];
  const best = runs.reduce((top, run) => ((run.best?.value ?? -1) > (top?.best?.value ?? -1) ? run : top), runs[0]);
  const text = `Hyperparameters that differ (${shown.join(", ")}) against mAP, a line a run. Best: ${best?.name ?? "–"} with ${figure(best?.best?.value)}.`;
  return html`<figure>
    <div class="chart wide" tabindex="0" role="group" aria-label="Hyperparameters against mAP">
      ${drawParallel(axes, text)}
    </div>
    <figcaption>
      ${text}${varied.length > shown.length && ` Left out: ${varied.slice(mostAxes).join(", ")}.`} The values are in the
      table below.
    </figcaption>
  </figure>`;
}

/** Numbers where all of them are. */
function valuesOf(texts: readonly (string | undefined)[]): (string | number | undefined)[] {
  const isNumber = (text: string) => text.trim() !== "" && Number.isFinite(Number(text));
  return texts.every((text) => text === undefined || isNumber(text))
    ? texts.map((text) => (text === undefined ? undefined : Number(text)))
    : texts.map((text) => text ?? "(none)");
}

const mostBarRuns = 8;
const mostBarLabels = 30;

/** Average precision by label. */
export function labelSection(runs: readonly ReportRun[]): Markup {
  const labels = [...new Set(runs.flatMap(({ perLabel }) => Object.keys(perLabel)))].sort();
  if (labels.length === 0) return html`<p class="note">These runs have logged no average precision by label.</p>`;
  const order = runs
    .map((run, index) => ({ run, index }))
    .sort((a, b) => (b.run.best?.value ?? -1) - (a.run.best?.value ?? -1));
  const drawn = order.slice(0, mostBarRuns).sort((a, b) => a.index - b.index);
  const shown = labels.slice(0, mostBarLabels);
  const bars = drawBars(
    {
      categories: shown,
      max: 1,
      series: drawn.map(({ run, index }) => ({
        colour: lookOf(index).colour,
        values: shown.map((label) => run.perLabel[label] ?? null),
      })),
    },
    "Average precision by label, a bar a run",
  );
  return html`<div class="side">
    <figure>
      <div class="chart" tabindex="0" role="group" aria-label="Average precision by label">${bars}</div>
      <figcaption>
        Average precision by label, at the run's last epoch that
        counts.${runs.length > drawn.length && ` The ${mostBarRuns} best runs are drawn; the table has all.`}${labels.length > shown.length && ` ${mostBarLabels} of ${labels.length} labels are drawn.`}
      </figcaption>
    </figure>
    ${renderTable({
      caption: "Average precision by label",
      columns: [{ title: "Run" }, ...labels.map((label) => ({ title: label, numeric: true }))],
      rows: runs.map((run, index) => ({
        cells: [runName(run, index), ...labels.map((label) => figure(run.perLabel[label]))],
      })),
    })}
  </div>`;
}
