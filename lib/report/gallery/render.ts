import { plural } from "../../plural";
import { labelColours } from "../boxes";
import { drawBars } from "../charts/bars";
import { drawBoxes } from "../comparison/pictures";
import { compact, grouped } from "../figures";
import { html, type Markup } from "../html/markup";
import { renderPage, section } from "../html/page";
import { renderTable } from "../html/table";
import type { Shown } from ".";
import type { DataSource } from "./sources";
import { aspectLimits, sizeLimits, type DataStatistics } from "./statistics";

/** Labels that have a bar, and a filter, at most; the table has all. */
const mostLabels = 40;

/** @param unreadable lines of the tables that hold no picture with boxes */
export function renderGallery(
  source: DataSource,
  statistics: DataStatistics,
  shown: readonly Shown[],
  unreadable: number,
): string {
  const labels = statistics.labels();
  const fact = (value: number | string, text: string) => html`<li><b>${value}</b><span>${text}</span></li>`;
  const body = html`<ul class="facts">
      ${fact(grouped(statistics.images), "images")}${fact(grouped(statistics.boxes), "boxes")}${fact(labels.length, "labels")}
      ${fact(compact(statistics.boxes / Math.max(1, statistics.images), 3), "boxes an image")}
    </ul>
    ${unreadable > 0 && html`<p class="bad">${plural(unreadable, "line")} of the tables could not be read as a picture with boxes.</p>`}
    ${section("balance", "Labels", balance(statistics, labels))}
    ${section(
      "boxes",
      "Boxes",
      html`<div class="charts">
        ${distribution(
          "Size of the boxes, in % of the image",
          sizeLimits.map((share) => compact(100 * share)),
          statistics.sizes,
        )}${distribution("Shape of the boxes: width by height", aspectLimits, statistics.aspects)}
      </div>`,
    )}
    ${section("parts", "Images of each part", partsTable(statistics))}
    ${source.report && section("rejected", "What the converter left out", rejected(source.report))}
    ${section("gallery", "Pictures", picturesOf(statistics, shown, labels))}`;
  return renderPage({
    title: `Data: ${source.title}`,
    subtitle: subtitleOf(statistics, shown.length),
    body,
    script: galleryScript,
    style: galleryStyle,
  });
}

function subtitleOf({ images, boxes }: DataStatistics, shown: number): string {
  const counts = `${grouped(images)} ${images === 1 ? "image" : "images"}, ${grouped(boxes)} ${boxes === 1 ? "box" : "boxes"}`;
  return shown > 0 && shown < images ? `${counts}; pictures of a random sample of ${grouped(shown)} images` : counts;
}

function picturesOf({ images }: DataStatistics, shown: readonly Shown[], labels: readonly [string, number][]): Markup {
  if (shown.length === 0)
    return html`<p class="note">No pictures are shown. --images DIR names the folder they are in.</p>`;
  const sentence =
    shown.length < images
      ? `A sample of ${grouped(shown.length)} of ${grouped(images)} images is shown, each with the same probability. The figures above are of all images; --most shows more.`
      : `All ${grouped(images)} images are shown.`;
  const names = labels.map(([label]) => label);
  return html`<p>${sentence}</p>
    ${filters(shown, labels)}${gallery(shown, names)}`;
}

function balance(statistics: DataStatistics, labels: readonly [string, number][]): Markup {
  const drawn = labels.slice(0, mostLabels);
  const parts = [...statistics.parts.values()];
  if (labels.length === 0) return html`<p class="note">There is no box.</p>`;
  const bars = drawBars(
    {
      categories: drawn.map(([label]) => label),
      unit: "boxes",
      series: parts.slice(0, 4).map(({ labels: own }, index) => ({
        colour: `var(--c${index})`,
        values: drawn.map(([label]) => own.get(label) ?? 0),
      })),
    },
    "Boxes of each label, a bar a part",
  );
  const keys = parts
    .slice(0, 4)
    .map(
      ({ name }, index) =>
        html`<span class="key"><span class="swatch" style="border-color:var(--c${index})"></span>${name}</span>`,
    );
  return html`<div class="side balance">
    <figure>
      <p>${keys}</p>
      <div class="chart" tabindex="0" role="group" aria-label="Boxes of each label">${bars}</div>
      <figcaption>
        Boxes of each label${labels.length > drawn.length && `, the ${mostLabels} most frequent of ${labels.length}`}.
      </figcaption>
    </figure>
    ${renderTable({
      caption: "Boxes of each label, by part",
      columns: [
        { title: "Label" },
        ...parts.map(({ name }) => ({ title: name, numeric: true })),
        ...(parts.length > 1 ? [{ title: "all", numeric: true }] : []),
        { title: "share", numeric: true },
      ],
      rows: labels.map(([label, boxes]) => ({
        cells: [
          label,
          ...parts.map(({ labels: own }) => grouped(own.get(label) ?? 0)),
          ...(parts.length > 1 ? [grouped(boxes)] : []),
          `${((100 * boxes) / statistics.boxes).toFixed(1)} %`,
        ],
      })),
    })}
  </div>`;
}

function distribution(title: string, limits: readonly number[], counts: readonly number[]): Markup {
  const names = limits.map((limit, index) => {
    const from = limits[index - 1] ?? 0;
    return limit === Infinity ? `over ${from}` : `${from} to ${limit}`;
  });
  const text = `${title}: ${names.map((name, index) => `${name}: ${counts[index]}`).join("; ")}`;
  const bars = {
    categories: names,
    unit: "boxes",
    series: [{ colour: "var(--c0)", values: counts }],
    withValues: true,
  };
  return html`<figure>
    <h3>${title}</h3>
    <div class="chart" tabindex="0" role="group" aria-label="${title}">${drawBars(bars, text)}</div>
  </figure>`;
}

function partsTable(statistics: DataStatistics): Markup {
  return renderTable({
    caption: "Images of each part",
    columns: [
      { title: "Part" },
      { title: "images", numeric: true },
      { title: "share", numeric: true },
      { title: "boxes", numeric: true },
      { title: "without a box", numeric: true },
    ],
    rows: [...statistics.parts.values()].map(({ name, images, boxes, empty }) => ({
      cells: [
        name,
        grouped(images),
        `${((100 * images) / statistics.images).toFixed(1)} %`,
        grouped(boxes),
        grouped(empty),
      ],
    })),
  });
}

function rejected({
  skipped,
  dropped,
  clamped,
  rejected: list,
  rejectedTotal,
}: NonNullable<DataSource["report"]>): Markup {
  const reasons = new Map<string, number>();
  for (const { reason } of list) reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
  const counts = [
    ...[...reasons].map(([reason, count]): [string, string, number] => ["annotation rejected", reason, count]),
    ...Object.entries(skipped).map(([reason, count]): [string, string, number] => [
      reason === "other_class" ? "annotation dropped" : "image left out",
      reason.replaceAll("_", " "),
      count,
    ]),
    ...Object.entries(dropped).map(([category, count]): [string, string, number] => [
      "annotation dropped",
      `category ${category}`,
      count,
    ]),
    ["box cut at the image's border", "it reached over it", clamped] satisfies [string, string, number],
  ].filter(([, , count]) => Number(count) > 0);
  if (counts.length === 0) return html`<p class="note">Nothing was left out.</p>`;
  const first = list.slice(0, 100);
  return html`${renderTable({
    caption: `What was left out and why${rejectedTotal > list.length ? `; of ${rejectedTotal} rejected annotations the first ${list.length} are on record` : ""}`,
    columns: [{ title: "What" }, { title: "Why" }, { title: "how often", numeric: true }],
    rows: counts.map(([what, why, count]) => ({ cells: [what, why, grouped(count)] })),
  })}${
    first.length > 0 &&
    html`<details>
      <summary>The first ${first.length} rejected annotations</summary>
      ${renderTable({
        caption: "Rejected annotations",
        columns: [{ title: "Annotation" }, { title: "Image" }, { title: "Why" }],
        rows: first.map(({ annotationId, imageId, reason }) => ({
          cells: [String(annotationId), String(imageId), reason],
        })),
      })}
    </details>`
  }`;
}

function filters(shown: readonly Shown[], labels: readonly [string, number][]): Markup {
  const option = (value: string, text: string) => html`<option value="${value}">${text}</option>`;
  const parts = [...new Set(shown.map(({ part }) => part))];
  return html`<div class="controls">
      <label
        >Label
        <select id="by-label">
          ${option("", "all")}${labels.map(([label], index) => option(String(index), label))}
        </select></label
      >
      <label
        >Part
        <select id="by-part">
          ${option("", "all")}${parts.map((part, index) => option(String(index), part))}
        </select></label
      >
    </div>
    <p role="status" id="count" class="note"></p>`;
}

function gallery(shown: readonly Shown[], labels: readonly string[]): Markup {
  const colourOf = labelColours(labels);
  const parts = [...new Set(shown.map(({ part }) => part))];
  return html`<div class="gallery">
    ${shown.map(({ url, part, truth, picture, problem }, index) => {
      const name = url.slice(url.lastIndexOf("/") + 1);
      const own = [...new Set(truth.map(({ label }) => labels.indexOf(label)))].join(" ");
      const listed = countedLabels(truth) || "no box";
      const view = picture
        ? html`<svg width="0" height="0" aria-hidden="true" class="store">
              <defs>
                <image id="p${index}" width="${picture.width}" height="${picture.height}" href="${picture.source}" />
              </defs>
            </svg>
            ${drawBoxes(`p${index}`, picture, truth, colourOf, `${name}: ${listed}`)}`
        : html`<p class="bad">${problem}</p>`;
      return html`<figure data-labels="${own}" data-part="${parts.indexOf(part)}">
        ${view}
        <figcaption>${name} (${part}): ${listed}</figcaption>
      </figure>`;
    })}
  </div>`;
}

/** The labels of a picture, each once: "person × 3, dog". */
function countedLabels(truth: Shown["truth"]): string {
  const counts = new Map<string, number>();
  for (const { label } of truth) counts.set(label, (counts.get(label) ?? 0) + 1);
  return [...counts].map(([label, count]) => (count > 1 ? `${label} × ${count}` : label)).join(", ");
}

const galleryScript = `"use strict";
(() => {
  const label = document.getElementById("by-label");
  if (!label) return;
  const part = document.getElementById("by-part");
  const pictures = [...document.querySelectorAll(".gallery figure")];
  const filter = () => {
    let count = 0;
    for (const picture of pictures) {
      const has = label.value === "" || picture.dataset.labels.split(" ").includes(label.value);
      const shown = has && (part.value === "" || picture.dataset.part === part.value);
      picture.hidden = !shown;
      if (shown) count++;
    }
    document.getElementById("count").textContent =
      count + " of " + pictures.length + " pictures" + (count ? "" : ": none of those that are shown; --most shows more");
  };
  label.addEventListener("change", filter);
  part.addEventListener("change", filter);
  filter();
})();
`;

const galleryStyle = `
.gallery{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,15rem),1fr));gap:.75rem}
.gallery figure{margin:0;position:relative}
.gallery figure[hidden]{display:none}
.gallery figcaption{margin-top:.4rem}
.balance .scroll{max-height:89rem;overflow-y:auto}
@media print{.balance .scroll{max-height:none}}
.controls{display:flex;flex-wrap:wrap;gap:1rem}
.controls select{font:inherit;color:inherit;background:var(--card);border:1px solid var(--line);border-radius:.4rem;padding:.2rem .4rem;max-width:16rem}
.key{margin-right:1rem}
svg.boxes{display:block;width:100%;height:auto;border-radius:.25rem}
svg.store{position:absolute}
`;
