import { messageOf } from "../../lib/errors";
import * as pulumi from "@pulumi/pulumi";
import { LabelStudioClient } from "../../lib/labeling/client";
import { labelingConnection } from "../../lib/labeling/connection";
import { readProgress, type LabelingProgress } from "../../lib/labeling/progress";
import { LabelStudioProject } from "../../providers/labelingProject/resource";
import type { Labeling, LabelingProjectArgs } from "../labelingProject";

/** Tries of the request for progress: without an answer the last known one is good enough. */
const tries = 2;

/** A project of Label Studio. */
export class StudioLabeling implements Labeling {
  readonly id: pulumi.Output<string>;
  readonly projectName: pulumi.Output<string>;
  readonly url: pulumi.Output<string>;
  readonly labelersLink: pulumi.Output<string>;
  readonly progress: Labeling["progress"];
  readonly lastRefresh: pulumi.Output<string>;

  constructor(
    name: string,
    args: LabelingProjectArgs & { url: string; imagesUrl: string },
    opts: pulumi.CustomResourceOptions,
  ) {
    const project = new LabelStudioProject(
      `${name}-project`,
      {
        name,
        url: args.url,
        imagesUrl: args.imagesUrl,
        workspaceId: args.workspace.id,
        dataId: args.dataId,
        title: args.title,
        labels: args.labels,
        renameLabels: args.renameLabels ?? {},
        instructions: args.instructions,
        incrementalRefresh: args.incrementalRefresh ?? true,
        deleteAnnotations: args.deleteAnnotations ?? false,
      },
      { ...opts, dependsOn: args.uploads.dependsOn },
    );
    this.id = project.id;
    this.projectName = project.projectId.apply(String);
    this.url = project.projectUrl;
    this.labelersLink = project.labelersLink;
    this.lastRefresh = project.lastRefresh;
    // People go on while the stack stays as it is: no resource changes by that.
    this.progress = pulumi
      .all([project.projectId, project.progress])
      .apply(([projectId, known]) => progressNow(args.url, projectId, known));
  }
}

async function progressNow(url: string, projectId: number, known: LabelingProgress): Promise<LabelingProgress> {
  try {
    return await readProgress(new LabelStudioClient(labelingConnection(url), { tries }), projectId);
  } catch (error) {
    const why = messageOf(error);
    void pulumi.log.warn(`The labeling progress is the last known one: ${why}`);
    return known;
  }
}
