import * as pulumi from "@pulumi/pulumi";
import { dynamicProvider } from "../dynamicProvider";

const provider = dynamicProvider("cocoTables");

export interface CocoTablesArgs {
  /** ARM id of the storage account. */
  storageAccountId: pulumi.Input<string>;
  /** Name of the blob container. */
  container: pulumi.Input<string>;
  /** Folder in the container under which each version gets a folder of its own. */
  prefix: pulumi.Input<string>;
  /** Local COCO instances file, relative to the program. */
  annotations: pulumi.Input<string>;
  /** Local folder of the images: those that it does not have, or that are no images, are left out and told. */
  imagesFolder?: pulumi.Input<string>;
  /** Put before each file name to make its URL. */
  imageUrlPrefix: pulumi.Input<string>;
  /** Fingerprint of the images, so that other pixels are another version. */
  imagesFingerprint: pulumi.Input<string>;
  /** Label of a box: its category's name, or its supercategory, of which person, food and animal are kept. */
  classesFrom: pulumi.Input<"name" | "supercategory">;
  /** Local YAML file that says which categories make which labels, instead of `classesFrom`. */
  classMap?: pulumi.Input<string>;
  /** Share of the images in the validation table, between 0 and 1. */
  validationFraction: pulumi.Input<number>;
  /** Seed of the split. */
  splitSeed: pulumi.Input<number>;
}

/** COCO annotations as the two MLTable folders (training, validation) that AutoML reads, each version in a folder of its own. */
export class CocoTables extends pulumi.dynamic.Resource {
  /** Short hash of annotations, images and settings: equal data is an equal version. Known in preview. */
  declare readonly version: pulumi.Output<string>;
  declare readonly trainingPath: pulumi.Output<string>;
  declare readonly validationPath: pulumi.Output<string>;
  declare readonly report: pulumi.Output<CocoTablesReport>;

  constructor(name: string, args: CocoTablesArgs, opts?: pulumi.CustomResourceOptions) {
    super(
      provider,
      name,
      { ...args, version: undefined, trainingPath: undefined, validationPath: undefined, report: undefined },
      { ...opts, hideDiffs: ["__provider"] },
      "data",
      "CocoTables",
    );
  }
}

export interface CocoTablesReport {
  /** Images with at least one box. */
  images: number;
  boxes: number;
  /** Boxes of each label. */
  labels: Record<string, number>;
  /** Where the labels came from: "name", "supercategory", or a class map with its hash. */
  classes: string;
}
