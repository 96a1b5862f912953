import type { Box } from "../serving/detections";
import { html, type Markup } from "./html/markup";
import { seriesColours } from "./html/style";

/** A box in shares of the picture's width and height. */
export interface DrawnBox extends Box {
  label: string;
  /** Shown beside the label when given. */
  score?: number;
}

/** Boxes with label and score as SVG, for a picture of that size. @param font height of the text, in pixels of the picture */
export function boxShapes(
  { width, height }: { width: number; height: number },
  boxes: readonly DrawnBox[],
  colourOf: (label: string) => string,
  font: number,
): Markup {
  const frames = boxes.map(
    ({ label, topX, topY, bottomX, bottomY }) =>
      html`<rect
        x="${round(topX * width)}"
        y="${round(topY * height)}"
        width="${round((bottomX - topX) * width)}"
        height="${round((bottomY - topY) * height)}"
        fill="none"
        stroke="${colourOf(label)}"
        stroke-width="${round(Math.max(2, width / 220))}"
      />`,
  );
  const names = boxes.map(({ label, score, topX, topY }) => {
    const [x, y] = [topX * width, topY * height];
    const text = score === undefined ? label : `${label} ${score.toFixed(2)}`;
    const textY = y > font * 1.3 ? y - font * 1.25 : y;
    const room = text.length * font * 0.6 + 6;
    const textX = Math.max(0, Math.min(x, width - room));
    return html`<rect
        x="${round(textX)}"
        y="${round(textY)}"
        width="${round(room)}"
        height="${round(font * 1.25)}"
        fill="${colourOf(label)}"
      /><text x="${round(textX + 3)}" y="${round(textY + font)}" font-size="${round(font)}" fill="#fff">${text}</text>`;
  });
  // Names lie over all frames, so that no frame crosses one out.
  return html`${frames}${names}`;
}

/** A colour a label. On pictures it is the same in the dark, since what it lies on is. */
export function labelColours(labels: Iterable<string>): (label: string) => string {
  const sorted = [...new Set(labels)].sort();
  return (label) => seriesColours[Math.max(0, sorted.indexOf(label)) % seriesColours.length]?.light ?? "#000";
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
