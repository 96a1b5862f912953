import type * as pulumi from "@pulumi/pulumi";
import type { ContainerClient } from "@azure/storage-blob";
import { ArmClient } from "../../lib/azure/arm";
import { UserError } from "../../lib/errors";
import { LabelStudioClient } from "../../lib/labeling/client";
import { labelingConnection } from "../../lib/labeling/connection";
import { findProject } from "../../lib/labeling/project";
import { openPlace } from "../../lib/labeling/place";
import type { LabelStudioProjectArgs } from "../../providers/labelingProject/resource";
import type { LabelingAssistArgs } from "../../providers/labelingAssist/resource";
import type { LabelingExportArgs } from "../../providers/labelingExport/resource";
import { pulumiOutput } from "../pulumi";

/** Arguments as they stand in a stack's state, where nothing is to come any more. */
type Known<Args> = { [Key in keyof Args]: pulumi.Unwrap<Args[Key]> };

/** The labeling project of a stack, as the stack's state knows it. */
export interface StackProject {
  arm: ArmClient;
  client: LabelStudioClient;
  projectId: number;
  mark: string;
  place: { container: ContainerClient; account: string; prefix: string };
  project: Known<LabelStudioProjectArgs>;
  export: Known<LabelingExportArgs>;
  /** Undefined where no model helps. */
  assist?: Known<LabelingAssistArgs>;
}

interface Exported {
  deployment?: { resources?: { type: string; inputs?: object }[] };
}

/** @throws UserError when the stack has no project in Label Studio, or it is not there */
export async function openStackProject(stack: string): Promise<StackProject> {
  const exported = async (...args: string[]) =>
    JSON.parse(await pulumiOutput(stack, ["stack", "export", ...args])) as Exported;
  let state = await exported();
  const inputsOf = (type: string) =>
    state.deployment?.resources?.find((resource) => resource.type === `pulumi-nodejs:dynamic/labeling:${type}`)?.inputs;
  // Only where the state has what lets one in are its secrets asked for.
  if ((inputsOf("LabelStudioProject") as { access?: unknown } | undefined)?.access)
    state = await exported("--show-secrets");
  const project = inputsOf("LabelStudioProject") as (StackProject["project"] & { mark: string }) | undefined;
  const exports = inputsOf("LabelingExport") as StackProject["export"] | undefined;
  if (!project || !exports) {
    throw new UserError(
      `Stack ${stack} has no labeling project in Label Studio. Set labeling.service to "labelStudio" (locally: "npm run local:labeling"), ` +
        "and run up.",
    );
  }
  const client = new LabelStudioClient(labelingConnection(project));
  const found = await findProject(client, project.mark);
  if (!found)
    throw new UserError(
      `The labeling project of stack ${stack} is not in ${project.url} any more. Run up to make it anew.`,
    );
  const arm = await ArmClient.connect();
  return {
    ...{ arm, client, project, export: exports, mark: project.mark, projectId: found.id },
    place: await openPlace(arm, project.workspaceId, project.dataId),
    assist: inputsOf("LabelingAssist") as StackProject["assist"],
  };
}
