import { createReadStream } from "node:fs";
import { messageOf, UserError } from "../../errors";
import type { LabeledBox } from "../tables/lines";

/** An image of the JSONL; width and height in pixels. */
export interface ImageLine {
  url: string;
  width: number;
  height: number;
  boxes: LabeledBox[];
}

/**
 * The images of an annotations.jsonl, one by one.
 * @throws UserError naming the line that is no image with boxes
 */
export async function* readLines(file: string): AsyncGenerator<ImageLine> {
  let number = 0;
  for await (const text of textLines(file)) {
    number++;
    if (text.trim() === "") continue;
    try {
      yield parseLine(text);
    } catch (error) {
      const problem = messageOf(error);
      throw new UserError(`Line ${number} of "${file}" cannot be exported: ${problem}. Convert the annotations again.`);
    }
  }
}

/** Ended by line feeds alone: a label may have what else ends lines in other places. */
async function* textLines(file: string): AsyncGenerator<string> {
  let rest = "";
  try {
    for await (const chunk of createReadStream(file, "utf8")) {
      const parts = (rest + (chunk as string)).split("\n");
      rest = parts.pop() ?? "";
      yield* parts;
    }
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    throw new UserError(`"${file}" cannot be read: ${code}. Give an annotations.jsonl, or the folder of one.`);
  }
  yield rest;
}

function parseLine(text: string): ImageLine {
  const line = record(JSON.parse(text), "it");
  const details = record(line.image_details ?? {}, "image_details");
  if (typeof line.image_url !== "string") throw new Error("it has no image_url");
  if (!Array.isArray(line.label)) throw new Error("its label is no list");
  return {
    url: line.image_url,
    width: extent(details.width, "width"),
    height: extent(details.height, "height"),
    boxes: line.label.map((box) => parseBox(record(box, "a box"))),
  };
}

function parseBox({ label, topX, topY, bottomX, bottomY, isCrowd }: Record<string, unknown>): LabeledBox {
  if (typeof label !== "string" || label === "") throw new Error("a box has no label");
  const box = { topX: share(topX), topY: share(topY), bottomX: share(bottomX), bottomY: share(bottomY) };
  if (box.topX >= box.bottomX || box.topY >= box.bottomY) throw new Error("a box has no area");
  return { label, ...box, isCrowd: Number(isCrowd) === 1 ? 1 : 0 };
}

function record(value: unknown, what: string): Record<string, unknown> {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  throw new Error(`${what} is no object`);
}

function share(value: unknown): number {
  if (typeof value === "number" && value >= 0 && value <= 1) return value;
  throw new Error("a box has no topX, topY, bottomX, bottomY from 0 to 1");
}

/** AutoML takes 640 and "640px". */
function extent(value: unknown, name: string): number {
  const pixels = typeof value === "string" ? Number(/^(\d+)(px)?$/.exec(value)?.[1]) : value;
  if (typeof pixels === "number" && pixels > 0 && Number.isFinite(pixels)) return pixels;
  throw new Error(`image_details has no ${name} in pixels`);
}
