import * as pulumi from "@pulumi/pulumi";
import { dynamicProvider } from "../dynamicProvider";
import type { StudioProject } from "../labelingProject/studioProject";

const provider = dynamicProvider("labelingAssist");

export interface LabelingAssistArgs extends StudioProject {
  title: string;
  /** Other labels of the model are not suggested. */
  labels: string[];
  /** ARM id of the endpoint that suggests boxes. */
  endpointId: pulumi.Input<string>;
  /** Name of the model that it serves, and its version with the trial that it comes from: equal ones suggest the same. */
  model: pulumi.Input<string>;
  modelVersion: pulumi.Input<string>;
  /** Images that people have done before anything is suggested to them. */
  minLabeled: number;
  /** Lowest score of a box that is suggested, from 0 to 1. */
  confidence: number;
}

/** What came of the last round of suggestions. */
export interface LastAssist {
  /** Name of the suggestions' model in Label Studio. */
  version: string;
  images: number;
  boxes: number;
  /** ISO 8601. */
  at: string;
}

/** The champion's boxes as suggestions on the images that nobody has labeled yet. */
export class LabelingAssist extends pulumi.dynamic.Resource {
  /** Undefined before the first round. */
  declare readonly last: pulumi.Output<LastAssist | undefined>;

  constructor(name: string, args: LabelingAssistArgs, opts?: pulumi.CustomResourceOptions) {
    super(
      provider,
      name,
      { ...args, mark: undefined, due: undefined, last: undefined },
      { ...opts, hideDiffs: ["__provider"] },
      "labeling",
      "LabelingAssist",
    );
  }
}
