import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { convertAnnotations, type ConvertReport, type ConvertSettings } from "../../../lib/coco";
import type { Line } from "../../../lib/coco/tables/lines";

/** Conversions in a folder of their own. */
export class Workbench {
  private constructor(readonly folder: string) {}

  static async open(): Promise<Workbench> {
    return new Workbench(await mkdtemp(join(tmpdir(), "coco-test-")));
  }

  close(): Promise<void> {
    return rm(this.folder, { recursive: true, force: true });
  }

  path(...parts: string[]): string {
    return join(this.folder, ...parts);
  }

  /** @param content an instances file, as text or as what to write as JSON */
  async convert(content: unknown, more: Partial<ConvertSettings> = {}): Promise<ConvertReport> {
    await writeFile(this.path("instances.json"), typeof content === "string" ? content : JSON.stringify(content));
    return convertAnnotations({
      annotations: this.path("instances.json"),
      imageUrlPrefix: "azureml://x/",
      out: this.path("out"),
      classes: { classesFrom: "name" },
      validationFraction: 0,
      seed: 7,
      ...more,
    });
  }

  async lines(part: "train" | "validation" = "train", out = "out"): Promise<Line[]> {
    const text = await readFile(this.path(out, part, "annotations.jsonl"), "utf8");
    return text
      .split("\n")
      .slice(0, -1)
      .map((line) => JSON.parse(line) as Line);
  }
}

interface Parts {
  images: object[];
  annotations: object[];
  categories: object[];
}

/** An instances file with one image of 200 x 100, one category "dog" (1), and these annotations of it. */
export function dogs(annotations: object[], more: Partial<Parts> = {}): Parts {
  return {
    images: [{ id: 1, file_name: "1.jpg", width: 200, height: 100 }],
    annotations: annotations.map((annotation, index) => ({
      id: index + 1,
      image_id: 1,
      category_id: 1,
      ...annotation,
    })),
    categories: [{ id: 1, name: "dog", supercategory: "animal" }],
    ...more,
  };
}
