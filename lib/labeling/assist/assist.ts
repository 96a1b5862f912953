import type { ContainerClient } from "@azure/storage-blob";
import type { ArmClient } from "../../azure/arm";
import { BlobLock } from "../../azure/blobLock";
import { getEndpoint } from "../../azure/endpoints";
import { ScoringClient } from "../../serving/scoringClient";
import type { LabelStudioClient } from "../client";
import { folderOf } from "../mark";
import { preLabel, type PreLabeled } from "./preLabel";

export interface AssistSettings {
  arm: ArmClient;
  client: LabelStudioClient;
  projectId: number;
  mark: string;
  title: string;
  labels: readonly string[];
  container: ContainerClient;
  /** Folder of the images in the container, with its slash. */
  prefix: string;
  /** ARM id of the endpoint. */
  endpointId: string;
  /** Name of the suggestions' model, see preLabel. */
  version: string;
  confidence: number;
  print: (line: string) => void;
  reporter: (what: string, unit: string) => (done: number, total: number) => void;
}

const lockWaitMs = 10 * 60_000;

/** Lets the endpoint suggest boxes on the images that wait for its model, as the one that does so among all machines. */
export async function assist(settings: AssistSettings): Promise<PreLabeled> {
  const { arm, container, mark, title, print, endpointId } = settings;
  const endpoint = await ScoringClient.open(arm, await getEndpoint(arm, endpointId));
  const lock = { what: `The pre-labels of labeling project ${title}`, waitMs: lockWaitMs, onWait: print };
  return BlobLock.holding(container, `${folderOf(mark)}/assist.lock`, lock, async (ledger) => {
    const { images, boxes, otherLabels, failed, problems, ...rest } = await preLabel({
      ...settings,
      modelVersion: settings.version,
      score: (picture) => endpoint.score(picture),
      ledger,
      onProgress: settings.reporter("Pre-labels", "images"),
    });
    const others =
      otherLabels > 0 ? `; ${otherLabels} boxes of labels that the project does not have are left out` : "";
    print(`Pre-labels of ${settings.version}: ${boxes} boxes on ${images} images${others}`);
    if (failed > 0) print(`warning: ${failed} images could not be pre-labeled: ${problems.join("; ")}`);
    return { images, boxes, otherLabels, failed, problems, ...rest };
  });
}
