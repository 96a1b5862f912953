import { converterVersion } from "../coco/converterVersion";
import type { TableSize } from "./size";

export interface Lineage {
  /** Where the data came from, for example "folder" or "coco2017 train2017". */
  source: string;
  report: TableSize & { boxes: number };
  /** Where the labels came from: "name", "supercategory", or a class map with its hash. */
  classes: string;
  splitSeed: number;
  validationFraction: number;
}

/** Tags of a table's data asset, by which it can be made again. */
export function lineageTags({
  source,
  report,
  classes,
  splitSeed,
  validationFraction,
}: Lineage): Record<string, string> {
  return {
    source,
    images: `${report.images}`,
    boxes: `${report.boxes}`,
    labels: `${Object.keys(report.labels).length}`,
    converter: converterVersion,
    classes,
    splitSeed: `${splitSeed}`,
    validationFraction: `${validationFraction}`,
  };
}
