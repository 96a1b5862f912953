import { plural } from "../../plural";
import { boxShapes, labelColours, type DrawnBox } from "../boxes";
import { html, type Markup } from "../html/markup";
import { renderTable } from "../html/table";
import { nothing, type Confusion } from "../pictures/matching";
import type { ComparedPicture, Pictures } from "../pictures/collect";

/** A picture that the page holds once, as an SVG image of that id, with boxes over it. */
export function drawBoxes(
  pictureId: string,
  { width, height }: { width: number; height: number },
  boxes: readonly DrawnBox[],
  colourOf: (label: string) => string,
  description: string,
): Markup {
  return html`<svg class="boxes" role="img" aria-label="${description}" viewBox="0 0 ${width} ${height}">
    <use href="#${pictureId}" />
    ${boxShapes({ width, height }, boxes, colourOf, Math.max(11, width / 24))}
  </svg>`;
}

export function pictureSection(pictures: Pictures | undefined): Markup {
  if (!pictures) return html`<p class="note">There are no pictures; the notes at the end say why.</p>`;
  const { models, shown, compared } = pictures;
  const colourOf = labelColours(
    shown.flatMap(({ truth, found }) => [...truth, ...found.flat()].map(({ label }) => label)),
  );
  const lead = html`<p>
    ${plural(compared, "held-out picture")} were compared, ${shown.length} are shown, those with the most mistakes of
    ${models.at(-1)?.run.name} first. A mistake is an object that no box covers by at least half, a box that covers no
    object, or a wrong label; boxes below a score of 0.3 are left out.
  </p>`;
  const sources = html`<ul>
    ${models.map(({ run, source, mistakes }) => html`<li>${run.name}${run.championOf !== undefined && " (champion)"}: ${plural(mistakes, "mistake")} on them, by ${source}</li>`)}
  </ul>`;
  const views = shown.map((picture, index) => pictureView(picture, index, pictures, colourOf));
  return html`${lead}${sources}
    <div class="pairs">${views}</div>
    <div class="side">${models.map(({ run, confusion }) => confusionTable(run.name, confusion))}</div>`;
}

function pictureView(
  { name, picture, truth, found, mistakes }: ComparedPicture,
  index: number,
  { models }: Pictures,
  colourOf: (label: string) => string,
): Markup {
  const id = `picture${index}`;
  const listed = (boxes: readonly DrawnBox[]) => boxes.map(({ label }) => label).join(", ") || "none";
  const view = (title: string, boxes: readonly DrawnBox[], count?: number) =>
    html`<div>
      <p class="view">
        ${title}${count !== undefined && html` <span class="${count === 0 ? "good" : "bad"}">${plural(count, "mistake")}</span>`}
      </p>
      ${drawBoxes(id, picture, boxes, colourOf, `${title}, ${name}: ${listed(boxes)}`)}
    </div>`;
  return html`<figure class="pair">
    <svg width="0" height="0" aria-hidden="true" class="store">
      <defs><image id="${id}" width="${picture.width}" height="${picture.height}" href="${picture.source}" /></defs>
    </svg>
    <div class="views">
      ${view("Ground truth", truth)}
      ${models.map(({ run }, model) => view(run.championOf === undefined ? run.name : `${run.name} (champion)`, found[model] ?? [], mistakes[model]))}
    </div>
    <figcaption>${name}</figcaption>
  </figure>`;
}

function confusionTable(name: string, { labels, counts }: Confusion): Markup {
  const columns = [...labels, nothing];
  const title = (label: string, other: string) => (label === nothing ? other : label);
  return renderTable({
    caption: `What ${name} takes for what, by IoU of 0.5: objects in rows, boxes in columns`,
    columns: [{ title: "Object" }, ...columns.map((label) => ({ title: title(label, "missed"), numeric: true }))],
    rows: columns.map((truth) => ({
      cells: [
        title(truth, "no object"),
        ...columns.map((found) =>
          truth === nothing && found === nothing
            ? "–"
            : confusionCell(counts.get(truth)?.get(found) ?? 0, truth === found),
        ),
      ],
    })),
  });
}

/** What was taken for what it is stands out. */
function confusionCell(count: number, isRight: boolean): Markup {
  return isRight ? html`<strong class="good">${count}</strong>` : html`${count}`;
}

export const pictureStyle = `
.views{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,15rem),1fr));gap:.75rem;align-items:end}
.view span{display:block}
.view{margin:0 0 .25rem;font-size:.875rem;overflow-wrap:anywhere}
svg.boxes{display:block;width:100%;height:auto;border-radius:.25rem}
svg.store{position:absolute}
`;
