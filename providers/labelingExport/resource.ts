import * as pulumi from "@pulumi/pulumi";
import type { LastExport } from "../../lib/labeling/export/lastExport";
import { dynamicProvider } from "../dynamicProvider";
import type { StudioProject } from "../labelingProject/studioProject";

const provider = dynamicProvider("labelingExport");

export interface LabelingExportArgs extends StudioProject {
  /** Title of the project; the data assets are `TITLE-labels`, `TITLE-labels-training` and `TITLE-labels-validation`. */
  title: string;
  labels: string[];
  /** E-mail addresses of those whose work counts; everybody's when empty. */
  labelers: string[];
  /** E-mail addresses of those whose work counts before that of others. */
  reviewers: string[];
  /** When `up` exports: never by itself, after so many images more, or after so many percent of the images more. */
  exportOn: "manual" | "count" | "percent";
  /** Images, or percent of all images. */
  exportStep: number;
  /** Share of the images that validates. */
  validationFraction: number;
  /** Seed of the split. */
  splitSeed: number;
  /** Whether something trains on it, so that there has to be one. */
  required: boolean;
}

/** What people have labeled, as versions of data assets; a new one when the rule says so, or when somebody has exported by hand. */
export class LabelingExport extends pulumi.dynamic.Resource {
  /** Null before the first one. */
  declare readonly last: pulumi.Output<LastExport | null>;

  constructor(name: string, args: LabelingExportArgs, opts?: pulumi.CustomResourceOptions) {
    super(
      provider,
      name,
      { ...args, mark: undefined, labeled: undefined, due: undefined, last: undefined },
      { ...opts, hideDiffs: ["__provider"] },
      "labeling",
      "LabelingExport",
    );
  }
}
