import sharp from "sharp";

/** A box in shares of the picture's width and height. */
export interface DrawnBox {
  label: string;
  /** Shown beside the label when given. */
  score?: number;
  topX: number;
  topY: number;
  bottomX: number;
  bottomY: number;
}

/** Colours that can be told apart by people with colour blindness (Okabe and Ito). */
const palette = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#f0e442"];
/** Small pictures are enlarged, so that the text can be read. */
const smallestWidth = 640;

/** Draws boxes with label and score on a picture and writes it as PNG. */
export async function drawDetections(imageFile: string, boxes: readonly DrawnBox[], outFile: string): Promise<void> {
  const source = sharp(imageFile).rotate();
  const { width: sourceWidth, height: sourceHeight } = (await source.toBuffer({ resolveWithObject: true })).info;
  const scale = Math.max(1, smallestWidth / sourceWidth);
  const [width, height] = [Math.round(sourceWidth * scale), Math.round(sourceHeight * scale)];
  const labels = [...new Set(boxes.map(({ label }) => label))].sort();
  const colour = (label: string) => palette[labels.indexOf(label) % palette.length];
  const font = Math.max(13, Math.round(width / 42));

  const drawn = boxes.map(({ label, score, topX, topY, bottomX, bottomY }) => {
    const [x, y, w, h] = [topX * width, topY * height, (bottomX - topX) * width, (bottomY - topY) * height];
    const text = score === undefined ? label : `${label} ${score.toFixed(2)}`;
    const textWidth = text.length * font * 0.6 + 8;
    const textY = y > font + 6 ? y - font - 6 : y;
    return `<rect x="${x}" y="${y}" width="${w}" height="${h}" fill="none" stroke="${colour(label)}" stroke-width="${Math.max(2, width / 220)}"/>
      <rect x="${x}" y="${textY}" width="${textWidth}" height="${font + 6}" fill="${colour(label)}"/>
      <text x="${x + 4}" y="${textY + font}" font-family="DejaVu Sans, Verdana, Arial, sans-serif" font-size="${font}" fill="#fff">${escapeXml(text)}</text>`;
  });
  const overlay = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">${drawn.join("")}</svg>`;
  await source
    .resize(width, height)
    .composite([{ input: Buffer.from(overlay) }])
    .png()
    .toFile(outFile);
}

function escapeXml(text: string): string {
  const entities: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&apos;" };
  return text.replace(/[&<>"']/g, (character) => entities[character] ?? character);
}
