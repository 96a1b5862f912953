import { plural } from "../../plural";
import { compact, duration, figure, timeText } from "../figures";
import { html, link, type Content, type Markup } from "../html/markup";
import { renderTable, type Row } from "../html/table";
import { lookOf } from "../charts/look";
import type { ReportRun } from "../runs/run";

/** A run's name with the line by which the charts show it. */
export function runName(run: ReportRun, index: number): Markup {
  const { colour, dash } = lookOf(index);
  return html`<span class="swatch" style="border-color:${colour};border-top-style:${dash}"></span
    >${link(run.studioUrl, run.name)} ${run.championOf !== undefined && html` <span class="tag good">champion</span>`}`;
}

const words: Record<string, string> = {
  FINISHED: "completed",
  RUNNING: "running",
  SCHEDULED: "waiting",
  FAILED: "failed",
  KILLED: "canceled",
};

function statusOf({ status, stopped }: ReportRun): Content {
  const text = stopped ?? words[status] ?? status.toLowerCase();
  if (stopped?.startsWith("stopped")) return html`<span class="tag">${text}</span>`;
  return status === "FAILED" ? html`<span class="bad">${text}</span>` : text;
}

function epochsOf({ curves }: ReportRun): number {
  return Math.max(0, ...Object.values(curves).map(({ steps }) => steps.at(-1) ?? 0));
}

export function runTable(runs: readonly ReportRun[]): Markup {
  const top = Math.max(...runs.map(({ best }) => best?.value ?? -1));
  return renderTable({
    caption: "Runs, what they reached, and what they took; the best mAP is marked",
    columns: [
      { title: "Run" },
      { title: "State" },
      { title: "mAP", numeric: true },
      { title: "best epoch", numeric: true },
      { title: "epochs", numeric: true },
      { title: "precision", numeric: true },
      { title: "recall", numeric: true },
      { title: "time", numeric: true },
      { title: "node hours", numeric: true },
      { title: "cost (USD)", numeric: true },
      { title: "started", kind: "time" },
    ],
    rows: runs.map((run, index): Row => {
      const { best, metrics, use, startTime, endTime } = run;
      return {
        cells: [
          runName(run, index),
          statusOf(run),
          best && best.value === top
            ? html`<strong class="good">${figure(best.value)} ★<span class="unseen"> best</span></strong>`
            : figure(best?.value),
          best?.step ?? "–",
          epochsOf(run) || "–",
          figure(metrics.precision),
          figure(metrics.recall),
          duration(startTime === undefined || endTime === undefined ? undefined : endTime - startTime),
          figure(use.nodeHours),
          figure(use.cost, 2),
          timeText(startTime),
        ],
      };
    }),
  });
}

const outcomes: Record<string, string> = {
  promoted: "promoted",
  pending: "waits for approval",
  held: "held back",
  champion: "kept",
};

export function gateTable(runs: readonly ReportRun[]): Markup {
  const rows = runs.flatMap((run, index) => run.gate.map((note) => ({ run, index, note })));
  const seen = new Set<string>();
  const single = rows.filter(({ note, run }) => {
    const key = JSON.stringify([note, run.lineage.job]);
    return !seen.has(key) && seen.add(key);
  });
  if (single.length === 0)
    return html`<p class="note">
      The gate has decided on none of these runs: "pulumi up" records its decisions on them.
    </p>`;
  const models = [...new Set(single.map(({ note }) => note.model))];
  const many = models.length > 1;
  return renderTable({
    caption: `Decisions of the promotion gate${many ? "" : ` about ${models[0]}`}`,
    columns: [
      { title: "Run" },
      ...(many ? [{ title: "Model" }] : []),
      { title: "Decision" },
      { title: "mAP", numeric: true },
      { title: "champion then", numeric: true },
      { title: "difference", numeric: true },
      { title: "Data" },
      { title: "Why", kind: "long" },
      { title: "When", kind: "time" },
    ],
    rows: single.map(({ run, index, note }) => {
      const { outcome = "", value, champion, championValue } = note;
      const className = outcome === "promoted" ? "good" : outcome === "held" ? "bad" : "";
      const both = typeof value === "number" && typeof championValue === "number";
      return {
        cells: [
          runName(run, index),
          ...(many ? [note.model] : []),
          html`<span class="${className}">${outcomes[outcome] ?? outcome}</span>`,
          figure(value, 4),
          champion ? `${figure(championValue, 4)} (version ${champion})` : "none",
          both ? `${value >= championValue ? "+" : "−"}${figure(Math.abs(value - championValue), 4)}` : "–",
          note.dataVersion ?? "–",
          note.reason ?? "–",
          note.at ? timeText(Date.parse(note.at) || undefined) : "–",
        ],
      };
    }),
  });
}

/** More runs than this are rows: a table of fifty columns is read by nobody. */
const mostColumns = 8;

/** Parameters that differ, with what departs from the first run marked; the equal ones folded away. */
export function parameterTable(runs: readonly ReportRun[]): Markup {
  const names = [...new Set(runs.flatMap(({ params }) => Object.keys(params)))].sort();
  if (names.length === 0) return html`<p class="note">These runs have logged no parameter.</p>`;
  const differs = (name: string) => new Set(runs.map(({ params }) => params[name])).size > 1;
  const varied = names.filter(differs);
  const equal = names.filter((name) => !differs(name));
  const caption = `Parameters that differ; marked where a run departs from the first, ${runs[0]?.name ?? ""}`;
  const departs = (run: ReportRun, name: string) => run.params[name] !== runs[0]?.params[name];
  const parts =
    runs.length > mostColumns
      ? {
          columns: [{ title: "Run" }, ...varied.map((title) => ({ title }))],
          rows: runs.map((run, index): Row => ({
            cells: [runName(run, index), ...varied.map((name) => valueText(run.params[name]))],
            marked: new Set(varied.flatMap((name, at) => (departs(run, name) ? [at + 1] : []))),
          })),
        }
      : {
          columns: [{ title: "Parameter" }, ...runs.map((run, index) => ({ title: runName(run, index) }))],
          rows: varied.map((name): Row => ({
            cells: [name, ...runs.map(({ params }) => valueText(params[name]))],
            marked: new Set(runs.flatMap((run, at) => (departs(run, name) ? [at + 1] : []))),
          })),
        };
  const same = renderTable({
    caption: "Parameters that are the same in all runs",
    columns: [{ title: "Parameter" }, { title: "Value" }],
    rows: equal.map((name) => ({ cells: [name, valueText(runs[0]?.params[name])] })),
  });
  return html`${
    varied.length === 0
      ? html`<p class="note">
          ${runs.length === 1 ? "There is one run, so nothing differs." : "All parameters are the same in these runs."}
        </p>`
      : renderTable({ caption, ...parts })
  }${
    equal.length > 0 &&
    html`<details>
      <summary>${plural(equal.length, "parameter")} ${equal.length === 1 ? "that is" : "that are"} the same</summary>
      ${same}
    </details>`
  }`;
}

function valueText(value: string | undefined): string {
  if (value === undefined) return "–";
  return /^-?\d*\.\d{7,}(e-?\d+)?$/i.test(value) ? String(compact(Number(value), 6)) : value;
}

export function lineageTable(runs: readonly ReportRun[]): Markup {
  return renderTable({
    caption: "What each run came from",
    columns: ["Run", "Run id", "Job", "Trained on", "Measured on", "Commit", "Hash of the inputs"].map((title) => ({
      title,
    })),
    rows: runs.map((run, index) => {
      const { job, trainingData, validationData, gitCommit, specHash } = run.lineage;
      return {
        cells: [
          runName(run, index),
          run.id,
          job,
          trainingData ?? "–",
          validationData ?? "–",
          gitCommit ?? "–",
          specHash ?? "–",
        ],
      };
    }),
  });
}
