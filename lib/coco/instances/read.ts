import { setImmediate as turnOfOthers } from "node:timers/promises";
import { UserError } from "../../errors";
import { BrokenJson } from "../json/scanner";
import { JsonReader, Keys } from "../json/reader";
import { Annotations } from "./annotations";
import { Categories } from "./categories";
import { Images } from "./images";
import { annotationReader, categoryReader, imageReader } from "./records";

/** A COCO instances file as far as detection needs it. Polygons and masks are checked as JSON and left out. */
export interface Instances {
  images: Images;
  annotations: Annotations;
  categories: Categories;
}

export interface ReadSettings {
  /** Called now and then, with bytes. */
  onProgress?: (done: number, total: number) => void;
  /** Bytes that are read at once; for tests. */
  chunkBytes?: number;
}

/** After this many bytes the event loop gets its turn. */
const pauseBytes = 4 * 1024 * 1024;
const parts = ["images", "annotations", "categories"] as const;

/**
 * Reads an instances file of any size in one pass; its keys come in any order.
 * @throws UserError when the file cannot be read, is broken JSON (names the byte), lacks a key, or has an id of an image or
 *   a category twice
 */
export async function readInstances(file: string, { onProgress, chunkBytes }: ReadSettings = {}): Promise<Instances> {
  const reader = open(file, chunkBytes);
  try {
    const instances = { images: new Images(), annotations: new Annotations(), categories: new Categories() };
    let pauseAt = pauseBytes;
    for (const _ of records(reader, instances)) {
      if (reader.offset < pauseAt) continue;
      pauseAt = reader.offset + pauseBytes;
      onProgress?.(reader.offset, reader.size);
      await turnOfOthers();
    }
    onProgress?.(reader.size, reader.size);
    return instances;
  } catch (error) {
    throw asUserError(error, file);
  } finally {
    reader.close();
  }
}

/** Takes the whole file, and pauses after each record. */
function* records(reader: JsonReader, instances: Instances): Generator<void> {
  const take = {
    images: imageReader(reader, instances),
    annotations: annotationReader(reader, instances),
    categories: categoryReader(reader, instances),
  };
  const found = new Set<string>();
  reader.skipByteOrderMark();
  for (const key of reader.members(new Keys(parts))) {
    if (key < 0) {
      reader.skipValue();
      continue;
    }
    const part = parts[key];
    if (found.has(part)) throw new BrokenJson(reader.offset, `the key "${part}" stands a second time`);
    found.add(part);
    for (const _ of reader.elements()) {
      take[part]();
      yield;
    }
  }
  if (reader.next() >= 0) throw reader.unexpected("the end of the file");
  const missing = parts.filter((part) => !found.has(part));
  if (missing.length > 0) {
    throw new UserError(
      `it has no key ${missing.map((part) => `"${part}"`).join(", ")}. A COCO instances file has ${parts.map((part) => `"${part}"`).join(", ")}`,
    );
  }
}

function open(file: string, chunkBytes?: number): JsonReader {
  try {
    return new JsonReader(file, chunkBytes);
  } catch (error) {
    throw asUserError(error, file);
  }
}

function asUserError(error: unknown, file: string): unknown {
  const { code } = error as NodeJS.ErrnoException;
  const subject = `The annotations file "${file}"`;
  if (error instanceof BrokenJson) {
    return new UserError(`${subject} is broken ${error.message}. Fetch it again, or mend it there.`);
  }
  if (error instanceof UserError) return new UserError(`${subject} cannot be used: ${error.message}.`);
  if (code === undefined) return error;
  return new UserError(`${subject} cannot be read: ${code}. Give the path of a COCO instances file.`);
}
