import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import sharp, { type OverlayOptions } from "sharp";
import { categories } from "./catalog";
import type { Random } from "./random";

/** Pixels: left, top, width, height. */
export type Box = [number, number, number, number];

export interface Picture {
  jpeg: Buffer;
  width: number;
  height: number;
  objects: { categoryId: number; box: Box }[];
}

interface Sprite {
  pixels: Buffer;
  width: number;
  height: number;
  box: Box;
}

// Looked up once, as in lib/random.ts: the loops below go over every pixel.
const { max, min, round } = Math;
const emojiFolder = dirname(require.resolve("@twemoji/svg/package.json"));
/** Alpha from which a pixel counts as part of the object. */
const visibleAlpha = 48;
/** Share of an object that must stay in the picture, and share of the smaller box that another may cover. */
const leastVisible = 0.45;
const mostCovered = 0.4;
const attempts = 40;

/** One picture of 1 to 6 objects on a made background; boxes are those of the visible pixels. */
export async function composePicture(random: Random): Promise<Picture> {
  const [width, height] = [random.integer(400, 640), random.integer(400, 640)];
  const objects: Picture["objects"] = [];
  const layers: OverlayOptions[] = [];
  const wanted = random.integer(1, 6);
  for (let attempt = 0; objects.length < wanted && attempt < attempts; attempt++) {
    const category = random.pick(categories);
    const sprite = await renderEmoji(random.pick(category.emoji), min(width, height), random);
    const left = round(random.number(-0.4 * sprite.width, width - 0.6 * sprite.width));
    const top = round(random.number(-0.4 * sprite.height, height - 0.6 * sprite.height));
    const placed = place(sprite, left, top, width, height);
    if (!placed || objects.some(({ box }) => coverage(box, placed.box) > mostCovered)) continue;
    objects.push({ categoryId: category.id, box: placed.box });
    layers.push(placed.layer);
  }
  const background = await renderBackground(width, height, random);
  const jpeg = await sharp(background, { raw: { width, height, channels: 3 } })
    .composite(layers)
    .jpeg({ quality: 88 })
    .toBuffer();
  return { jpeg, width, height, objects };
}

/** An emoji of 18 to 45 % of the picture's shorter side, turned by up to 20 degrees, half of them mirrored. */
async function renderEmoji(code: string, shorterSide: number, random: Random): Promise<Sprite> {
  const size = round(shorterSide * random.number(0.18, 0.45));
  const angle = random.number(-20, 20);
  const mirrored = random.integer(0, 1) === 1;
  const svg = await readFile(join(emojiFolder, `${code}.svg`));
  const upright = await sharp(svg, { density: min(2400, (72 * size) / 36) })
    .resize(size, size, { fit: "fill" })
    .flop(mirrored)
    .png()
    .toBuffer();
  const { data, info } = await sharp(upright)
    .rotate(angle, { background: { r: 0, g: 0, b: 0, alpha: 0 } })
    .ensureAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true });
  return {
    pixels: data,
    width: info.width,
    height: info.height,
    box: visibleBox(data, info.width, 0, 0, info.width, info.height),
  };
}

/** Cuts what lies outside the picture; undefined when too little of the object is left. */
function place(
  sprite: Sprite,
  left: number,
  top: number,
  width: number,
  height: number,
): { box: Box; layer: OverlayOptions } | undefined {
  const [x0, y0] = [max(0, -left), max(0, -top)];
  const [x1, y1] = [min(sprite.width, width - left), min(sprite.height, height - top)];
  if (x1 <= x0 || y1 <= y0) return undefined;
  const [x, y, w, h] = visibleBox(sprite.pixels, sprite.width, x0, y0, x1, y1);
  if (w * h < leastVisible * sprite.box[2] * sprite.box[3]) return undefined;
  const cut = Buffer.alloc((x1 - x0) * (y1 - y0) * 4);
  for (let row = y0; row < y1; row++) {
    sprite.pixels.copy(cut, (row - y0) * (x1 - x0) * 4, (row * sprite.width + x0) * 4, (row * sprite.width + x1) * 4);
  }
  return {
    box: [left + x, top + y, w, h],
    layer: { input: cut, raw: { width: x1 - x0, height: y1 - y0, channels: 4 }, left: left + x0, top: top + y0 },
  };
}

function visibleBox(pixels: Buffer, stride: number, x0: number, y0: number, x1: number, y1: number): Box {
  let [left, top, right, bottom] = [x1, y1, x0, y0];
  for (let y = y0; y < y1; y++) {
    for (let x = x0; x < x1; x++) {
      if (pixels[(y * stride + x) * 4 + 3] < visibleAlpha) continue;
      left = min(left, x);
      top = min(top, y);
      right = max(right, x + 1);
      bottom = max(bottom, y + 1);
    }
  }
  return [left, top, max(0, right - left), max(0, bottom - top)];
}

/** Intersection over the smaller of two boxes. */
function coverage([ax, ay, aw, ah]: Box, [bx, by, bw, bh]: Box): number {
  const width = min(ax + aw, bx + bw) - max(ax, bx);
  const height = min(ay + ah, by + bh) - max(ay, by);
  return width <= 0 || height <= 0 ? 0 : (width * height) / min(aw * ah, bw * bh);
}

/** A gradient with a few shapes and grain, so that an object is not merely what differs from one colour. */
async function renderBackground(width: number, height: number, random: Random): Promise<Buffer> {
  const colour = () => `hsl(${random.integer(0, 359)},${random.integer(10, 60)}%,${random.integer(35, 85)}%)`;
  const shapes = Array.from({ length: random.integer(3, 8) }, () => {
    const [x, y] = [random.integer(0, width), random.integer(0, height)];
    const [w, h] = [random.integer(20, width / 2), random.integer(20, height / 2)];
    const fill = `fill="${colour()}" opacity="${random.number(0.2, 0.6).toFixed(2)}"`;
    return random.integer(0, 1) === 0
      ? `<ellipse cx="${x}" cy="${y}" rx="${w / 2}" ry="${h / 2}" ${fill}/>`
      : `<rect x="${x}" y="${y}" width="${w}" height="${h}" ${fill} transform="rotate(${random.integer(0, 89)} ${x} ${y})"/>`;
  });
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}"><defs><linearGradient id="g" gradientTransform="rotate(${random.integer(0, 90)})"><stop offset="0" stop-color="${colour()}"/><stop offset="1" stop-color="${colour()}"/></linearGradient></defs><rect width="100%" height="100%" fill="url(#g)"/>${shapes.join("")}</svg>`;
  const pixels = await sharp(Buffer.from(svg)).resize(width, height).removeAlpha().raw().toBuffer();
  const grain = random.number(2, 14);
  for (let index = 0; index < pixels.length; index++) {
    pixels[index] = max(0, min(255, pixels[index] + random.number(-grain, grain)));
  }
  return pixels;
}
