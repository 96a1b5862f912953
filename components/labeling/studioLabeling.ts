import { messageOf } from "../../lib/errors";
import * as pulumi from "@pulumi/pulumi";
import type { StudioAddress } from "../../lib/labeling/connection";
import { readProgress, type LabelingProgress } from "../../lib/labeling/progress";
import { quickClient } from "../../lib/labeling/quickClient";
import { LabelingAssist } from "../../providers/labelingAssist/resource";
import { LabelingExport } from "../../providers/labelingExport/resource";
import { LabelStudioProject } from "../../providers/labelingProject/resource";
import type { ChampionModel } from "../championModel";
import type { DetectionEndpoint } from "../detectionEndpoint";
import type { Labeling, LabelingProjectArgs } from "../labelingProject";

/** A project of Label Studio. */
export class StudioLabeling implements Labeling {
  readonly id: pulumi.Output<string>;
  readonly projectName: pulumi.Output<string>;
  readonly url: pulumi.Output<string>;
  readonly labelersLink: pulumi.Output<string>;
  readonly progress: Labeling["progress"];
  readonly lastRefresh: pulumi.Output<string>;
  readonly lastExport: Labeling["lastExport"];
  private readonly project: LabelStudioProject;

  constructor(
    private readonly name: string,
    private readonly args: LabelingProjectArgs & Required<Pick<LabelingProjectArgs, "url" | "imagesUrl">>,
    private readonly opts: pulumi.CustomResourceOptions,
  ) {
    const project = new LabelStudioProject(
      `${name}-project`,
      {
        ...this.common(),
        imagesUrl: args.imagesUrl,
        labels: args.labels,
        ...this.people(),
        renameLabels: args.renameLabels ?? {},
        instructions: args.instructions,
        incrementalRefresh: args.incrementalRefresh ?? true,
        deleteAnnotations: args.deleteAnnotations ?? false,
      },
      { ...opts, dependsOn: args.uploads.dependsOn },
    );
    this.project = project;
    const exported = new LabelingExport(
      `${name}-export`,
      { ...this.common(), projectId: project.projectId, labels: args.labels, ...this.people(), ...args.export },
      { ...opts, dependsOn: args.uploads.dependsOn },
    );
    this.lastExport = exported.last;
    this.id = project.id;
    this.projectName = project.projectId.apply(String);
    this.url = project.projectUrl;
    this.labelersLink = project.labelersLink;
    this.lastRefresh = project.lastRefresh;
    // What lets one in is a secret, and how far people are is none.
    const access = args.access && pulumi.unsecret(args.access);
    // People go on while the stack stays as it is: no resource changes by that.
    this.progress = pulumi
      .all([project.projectId, project.progress, args.url, access])
      .apply(([projectId, known, url, entry]) => progressNow({ url, access: entry }, projectId, known));
  }

  assist({ record }: ChampionModel, endpoint: DetectionEndpoint): void {
    const { enabled, minLabeled, confidence } = this.args.mlAssist;
    if (!enabled) return;
    new LabelingAssist(
      `${this.name}-assist`,
      {
        ...this.common(),
        projectId: this.project.projectId,
        labels: this.args.labels,
        endpointId: endpoint.id,
        model: record.model,
        // Versions count from 1 again in a workspace that is made anew, where people's work has outlived a destroy.
        modelVersion: pulumi.interpolate`${record.version} of ${record.bestChild}`,
        ...{ minLabeled, confidence },
      },
      { ...this.opts, dependsOn: [endpoint] },
    );
  }

  /** What all parts need to find the project and its images. */
  private common() {
    const { url, access, title, dataId, workspace } = this.args;
    return { name: this.name, url, access, title, dataId, workspaceId: workspace.id };
  }

  private people() {
    return { labelers: this.args.labelers ?? [], reviewers: this.args.reviewers ?? [] };
  }
}

async function progressNow(
  address: StudioAddress,
  projectId: number,
  known: LabelingProgress,
): Promise<LabelingProgress> {
  try {
    return await readProgress(quickClient(address), projectId);
  } catch (error) {
    const why = messageOf(error);
    void pulumi.log.warn(`The labeling progress is the last known one: ${why}`);
    return known;
  }
}
