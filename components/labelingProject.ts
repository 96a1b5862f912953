import * as pulumi from "@pulumi/pulumi";
import { UserError } from "../lib/errors";
import type { ServiceAccess } from "../lib/labeling/connection";
import type { ExportRule } from "../lib/labeling/export/due";
import { exportedName, type LastExport } from "../lib/labeling/export/lastExport";
import type { LabelingProgress } from "../lib/labeling/progress";
import type { ChampionModel } from "./championModel";
import type { DataAsset } from "./cocoDataset";
import type { DetectionEndpoint } from "./detectionEndpoint";
import { AzureLabeling } from "./labeling/azureLabeling";
import { StudioLabeling } from "./labeling/studioLabeling";
import type { UploadTarget } from "./tableFolder";
import type { Workspace } from "./workspace";

export interface LabelingProjectArgs {
  workspace: Workspace;
  /** Label Studio, or Azure ML's own service, which was retired on 2026-09-30. */
  service: "labelStudio" | "azureml";
  /** Title of the project; 3 to 50 characters. */
  title: string;
  /** ARM id of the `uri_folder` data asset with the images. */
  dataId: pulumi.Input<string>;
  /** Class names, for example person, food, animal. */
  labels: string[];
  /** What becomes of labels that are no more; Label Studio only. @default {} */
  renameLabels?: Record<string, string>;
  /** What labelers see before they begin. Azure ML shows the page alone. */
  instructions: { text: string; url: string };
  /** Takes up images that are added to the folder later. @default true */
  incrementalRefresh?: boolean;
  /** A model suggests boxes on the images that nobody has labeled yet. */
  mlAssist: {
    /** Whether it does; in Label Studio the champion, see {@link LabelingProject.assist}. */
    enabled: boolean;
    /** Images that people have done before anything is suggested to them; Label Studio only. */
    minLabeled: number;
    /** Lowest score of a box that is suggested, from 0 to 1; Label Studio only. */
    confidence: number;
    /** ARM id of the compute of Azure ML's own model. */
    computeId: pulumi.Input<string>;
  };
  /** E-mail addresses of those whose work counts, everybody's when empty; Label Studio only. @default [] */
  labelers?: string[];
  /** E-mail addresses of those whose work counts before that of others; Label Studio only. @default [] */
  reviewers?: string[];
  /** How what people have labeled is exported; Label Studio only. */
  export: ExportRule & {
    /** Share of the images that validates. */
    validationFraction: number;
    /** Seed of the split. */
    splitSeed: number;
    /** Whether something trains on it, so that there has to be one. */
    required: boolean;
  };
  /** Whether a destroy deletes what people have labeled; Label Studio only. @default false */
  deleteAnnotations?: boolean;
  /** Address of Label Studio. @default LABEL_STUDIO_URL of the environment */
  url?: pulumi.Input<string>;
  /** Address of the image gateway. @default LABELING_IMAGES_URL of the environment */
  imagesUrl?: pulumi.Input<string>;
  /** What lets one into a Label Studio of the stack's own. @default the tokens and keys of the environment */
  access?: pulumi.Output<ServiceAccess>;
  /** Where the images are, and the rights to them. */
  uploads: UploadTarget;
}

/** What is known of a labeling project, whichever service has it. */
export interface Labeling {
  id: pulumi.Output<string>;
  /** Name of the project in its service. */
  projectName: pulumi.Output<string>;
  /** Page of the project; null where the service has no such page any more. */
  url: pulumi.Output<string | null>;
  /** With which labelers sign up; a secret, null where there is none. */
  labelersLink: pulumi.Output<string | null>;
  /** In images, as it is now. */
  progress: pulumi.Output<LabelingProgress>;
  /** When the images were last looked through, ISO 8601; null when never. */
  lastRefresh: pulumi.Output<string | null>;
  /** What was exported last; null when nothing was, and where the service exports by itself. */
  lastExport: pulumi.Output<LastExport | null>;
  /** Lets the champion behind the endpoint suggest boxes on the images that nobody has labeled yet, where that is wanted. */
  assist(champion: ChampionModel, endpoint: DetectionEndpoint): void;
}

/** A bounding-box labeling project over the images. */
export class LabelingProject extends pulumi.ComponentResource implements Labeling {
  readonly service: LabelingProjectArgs["service"];
  readonly id: pulumi.Output<string>;
  readonly projectName: pulumi.Output<string>;
  readonly url: pulumi.Output<string | null>;
  readonly labelersLink: pulumi.Output<string | null>;
  readonly progress: pulumi.Output<LabelingProgress>;
  readonly lastRefresh: pulumi.Output<string | null>;
  readonly lastExport: pulumi.Output<LastExport | null>;
  private readonly labeling: Labeling;
  private readonly title: string;

  constructor(name: string, args: LabelingProjectArgs, opts?: pulumi.ComponentResourceOptions) {
    super("objectdetection:index:LabelingProject", name, {}, opts);
    this.service = args.service;
    const parent = { parent: this };
    const labeling: Labeling =
      args.service === "azureml"
        ? new AzureLabeling(name, args, parent)
        : new StudioLabeling(
            name,
            {
              ...args,
              url: args.url ?? requireAddress("labeling.url", "LABEL_STUDIO_URL"),
              imagesUrl: args.imagesUrl ?? requireAddress("labeling.imagesUrl", "LABELING_IMAGES_URL"),
            },
            parent,
          );
    this.labeling = labeling;
    this.title = args.title;
    this.id = labeling.id;
    this.projectName = labeling.projectName;
    this.url = labeling.url;
    this.labelersLink = labeling.labelersLink;
    this.progress = labeling.progress;
    this.lastRefresh = labeling.lastRefresh;
    this.lastExport = labeling.lastExport;
    this.registerOutputs({ id: this.id, progress: this.progress });
  }

  assist(champion: ChampionModel, endpoint: DetectionEndpoint): void {
    this.labeling.assist(champion, endpoint);
  }

  /** What was exported last, as the data to train on. */
  get exported(): { training: DataAsset; validation: DataAsset } {
    const part = (name: "training" | "validation"): DataAsset => {
      // The check of the export has refused to go on without one.
      const asset = this.lastExport.apply((last) => last?.[name] ?? { version: "", id: "" });
      return { name: exportedName(this.title, name), version: asset.version, id: asset.id };
    };
    return { training: part("training"), validation: part("validation") };
  }
}

function requireAddress(property: string, variable: string): string {
  const found = process.env[variable];
  if (found) return found;
  throw new UserError(
    `${property} is not set, and neither is ${variable} of the environment: with service "labelStudio" one of them has the address. ` +
      'Locally "npm run local:labeling" sets it; labeling.service "none" leaves the project out.',
  );
}
