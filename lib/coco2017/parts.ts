import { join } from "node:path";

/** Parts of COCO 2017 with boxes, and about how much they are. */
export const parts = {
  train2017: { images: 118_287, gigabytes: 18 },
  val2017: { images: 5_000, gigabytes: 1 },
} as const;

export type Coco2017Part = keyof typeof parts;

/** Where the files of a part come from and go to. */
export interface Coco2017Files {
  imagesUrl: string;
  annotationsUrl: string;
  imagesZip: string;
  annotationsZip: string;
  /** Name of the instances file in the zip of the annotations. */
  instancesEntry: string;
  instances: string;
}

const annotationsZip = "annotations_trainval2017.zip";

/**
 * @param baseUrl of the official server or a mirror with its paths, without a slash at the end
 * @param cacheFolder local folder of the downloads
 */
export function filesOf(part: Coco2017Part, baseUrl: string, cacheFolder: string): Coco2017Files {
  const base = baseUrl.replace(/\/+$/, "");
  return {
    imagesUrl: `${base}/zips/${part}.zip`,
    annotationsUrl: `${base}/annotations/${annotationsZip}`,
    imagesZip: join(cacheFolder, `${part}.zip`),
    annotationsZip: join(cacheFolder, annotationsZip),
    instancesEntry: `annotations/instances_${part}.json`,
    instances: join(cacheFolder, `instances_${part}.json`),
  };
}
