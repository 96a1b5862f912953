import { createHash } from "node:crypto";
import type { Weights } from "./model";
import type { Architecture } from "./settings";

/** What is in a model file beside the weights. */
export interface ModelHeader {
  modelName: string;
  labels: string[];
  architecture: Architecture;
  boxScoreThreshold: number;
  nmsIouThreshold: number;
}

/** Begins every model file, so that a file of another kind is told apart: it is not PyTorch's format, whatever its name. */
const kind = "LOCALDET";
/** Raised with every change of the network or of the layout: weights of another network would be misread without an error. */
const version = 2;
const magic = `${kind}${version}\n`;

interface StoredHeader extends ModelHeader {
  weights: { name: string; shape: number[] }[];
  sha256: string;
}

/** Layout: kind and version, length of the header (uint32 LE), header as JSON, all values as float32 LE. */
export function encodeModel(header: ModelHeader, weights: Weights): Uint8Array {
  const entries = Object.entries(weights);
  const values = Buffer.concat(
    entries.map(([, weight]) => Buffer.from(weight.values.buffer, weight.values.byteOffset, weight.values.byteLength)),
  );
  const stored: StoredHeader = {
    ...header,
    weights: entries.map(([name, { shape }]) => ({ name, shape })),
    sha256: createHash("sha256").update(values).digest("hex"),
  };
  const json = Buffer.from(JSON.stringify(stored));
  const length = Buffer.alloc(4);
  length.writeUInt32LE(json.length);
  return Buffer.concat([Buffer.from(magic), length, json, values]);
}

/** @throws Error for a file of another kind, a cut or a changed one. */
export function decodeModel(file: Uint8Array): { header: ModelHeader; weights: Weights } {
  const bytes = Buffer.from(file.buffer, file.byteOffset, file.byteLength);
  const beginning = bytes.subarray(0, 32).toString("latin1");
  if (!beginning.startsWith(magic)) {
    const other = new RegExp(`^${kind}(\\d+)\n`).exec(beginning)?.[1];
    if (other) {
      throw new Error(
        `model.pt has format ${other} of the local trainer; this version reads format ${version}. Train again, and register the new model.`,
      );
    }
    throw new Error(
      "model.pt is not a model of the local trainer: it begins with other bytes. A PyTorch model needs the real service.",
    );
  }
  let stored: StoredHeader;
  let values: Buffer;
  try {
    const start = magic.length + 4;
    const end = start + bytes.readUInt32LE(magic.length);
    stored = JSON.parse(bytes.subarray(start, end).toString("utf8")) as StoredHeader;
    values = bytes.subarray(end);
  } catch {
    throw new Error("model.pt is damaged: its header cannot be read. Register the model again.");
  }
  if (createHash("sha256").update(values).digest("hex") !== stored.sha256) {
    throw new Error("model.pt is damaged: its weights are cut or changed. Register the model again.");
  }
  const { weights: layout, sha256: _, ...header } = stored;
  const weights: Weights = {};
  let offset = 0;
  for (const { name, shape } of layout) {
    const length = shape.reduce((product, side) => product * side, 1);
    weights[name] = {
      shape,
      values: new Float32Array(new Uint8Array(values.subarray(offset, offset + 4 * length)).buffer),
    };
    offset += 4 * length;
  }
  return { header, weights };
}
