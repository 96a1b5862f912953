import { plural } from "../../plural";
import type { Box } from "../../serving/detections";
import { seriesColours } from "../html/style";
import { html, type Markup } from "../html/markup";
import { renderTable } from "../html/table";
import { nothing, type Confusion } from "../pictures/matching";
import type { ComparedPicture, Pictures } from "../pictures/collect";

interface DrawnBox extends Box {
  label: string;
  score?: number;
}

/** Boxes over a picture that the page holds once, as an SVG image of that id. */
export function drawBoxes(
  pictureId: string,
  { width, height }: { width: number; height: number },
  boxes: readonly DrawnBox[],
  colourOf: (label: string) => string,
  description: string,
): Markup {
  const font = Math.max(11, width / 24);
  const drawn = boxes.map(({ label, score, topX, topY, bottomX, bottomY }) => {
    const [x, y] = [topX * width, topY * height];
    const text = score === undefined ? label : `${label} ${score.toFixed(2)}`;
    const textY = y > font * 1.3 ? y - font * 1.25 : y;
    const room = text.length * font * 0.58 + 6;
    const textX = Math.max(0, Math.min(x, width - room));
    const round = (value: number) => Math.round(value * 10) / 10;
    return html`<rect
        x="${round(x)}"
        y="${round(y)}"
        width="${round((bottomX - topX) * width)}"
        height="${round((bottomY - topY) * height)}"
        fill="none"
        stroke="${colourOf(label)}"
        stroke-width="2"
      /><rect
        x="${round(textX)}"
        y="${round(textY)}"
        width="${round(room)}"
        height="${round(font * 1.25)}"
        fill="${colourOf(label)}"
      /><text x="${round(textX + 3)}" y="${round(textY + font)}" font-size="${round(font)}" fill="#fff">${text}</text>`;
  });
  return html`<svg class="boxes" role="img" aria-label="${description}" viewBox="0 0 ${width} ${height}">
    <use href="#${pictureId}" />
    ${drawn}
  </svg>`;
}

/** A colour a label. On pictures it is the same in the dark, since what it lies on is. */
export function labelColours(labels: Iterable<string>): (label: string) => string {
  const sorted = [...new Set(labels)].sort();
  return (label) => seriesColours[Math.max(0, sorted.indexOf(label)) % seriesColours.length]?.light ?? "#000";
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
    ${models.map(({ run, confusion }) => confusionTable(run.name, confusion))}`;
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
          truth === nothing && found === nothing ? "–" : (counts.get(truth)?.get(found) ?? 0),
        ),
      ],
    })),
  });
}

export const pictureStyle = `
.views{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,15rem),1fr));gap:.75rem;align-items:end}
.view{margin:0 0 .25rem;font-size:.875rem;overflow-wrap:anywhere}
svg.boxes{display:block;width:100%;height:auto;border-radius:.25rem}
svg.store{position:absolute}
`;
