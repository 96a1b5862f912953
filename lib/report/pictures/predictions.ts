import { apiVersions, type ArmClient } from "../../azure/arm";
import { openRunArtifacts } from "../../azure/datastores";
import { getEndpoint } from "../../azure/endpoints";
import { filledLines } from "../../azure/tableFiles";
import { decodedPath } from "../../decodedPath";
import { inParallel } from "../../parallel";
import { confidentScore, type Detection } from "../../serving/detections";
import { ScoringClient } from "../../serving/scoringClient";
import type { PictureFiles } from "../../azure/pictureFiles";
import type { HeldOutPicture } from "./heldOut";

/** What a model found on held-out pictures, and where that was learned. */
export interface Predictions {
  source: string;
  /** Boxes with a score of at least 0.3, by the picture's URL; pictures that were not scored have none. */
  boxes: Map<string, Detection[]>;
}

/**
 * The file that a run of AutoML leaves when it was asked for `output_scoring`: a line of JSON a picture,
 * `{"filename", "boxes": [{"box": {"topX", ...}, "label", "score"}]}` (azureml-automl-dnn-vision, `_write_prediction_file_line`).
 */
const artifact = "outputs/predictions.txt";

interface Line {
  filename: string;
  boxes: { box: Omit<Detection, "label" | "score">; label: string; score: number }[];
}

/** What a run wrote about the pictures; undefined when it wrote none. */
export async function predictionsOfRun(
  arm: ArmClient,
  workspaceId: string,
  runId: string,
  pictures: readonly HeldOutPicture[],
): Promise<Predictions | undefined> {
  const { container, prefix } = await openRunArtifacts(arm, workspaceId, runId);
  const blob = container.getBlobClient(prefix + artifact);
  if (!(await blob.exists())) return undefined;
  const { readableStreamBody } = await blob.download();
  if (!readableStreamBody) return undefined;
  const byFile = new Map<string, Detection[]>();
  for await (const text of filledLines(readableStreamBody)) {
    const line = parseLine(text);
    if (line) byFile.set(fileOf(line.filename), confidentBoxes(line));
  }
  const boxes = new Map<string, Detection[]>();
  for (const { url } of pictures) {
    const found = byFile.get(fileOf(url)) ?? byFile.get(baseOf(url));
    if (found) boxes.set(url, found);
  }
  return boxes.size > 0 ? { source: artifact, boxes } : undefined;
}

function parseLine(text: string): Line | undefined {
  try {
    const line = JSON.parse(text) as Line;
    return typeof line.filename === "string" && Array.isArray(line.boxes) ? line : undefined;
  } catch {
    return undefined;
  }
}

function confidentBoxes({ boxes }: Line): Detection[] {
  return boxes
    .map(({ box, label, score }) => ({ ...box, label: String(label), score }))
    .filter(
      ({ score, topX, topY, bottomX, bottomY }) =>
        score >= confidentScore && [topX, topY, bottomX, bottomY].every(Number.isFinite),
    );
}

/** The part of a path that table and predictions have in common: that below the datastore. */
function fileOf(path: string): string {
  return decodedPath(path.replace(/^azureml:.*?\/paths\//, "").replace(/^\/+/, ""));
}

function baseOf(path: string): string {
  return decodedPath(path.slice(path.lastIndexOf("/") + 1));
}

/** A deployment of the workspace, and the run that trained its model. */
export interface Deployed {
  endpointId: string;
  deployment: string;
  run: string;
}

/** The deployments of the workspace's online endpoints whose models say by which run they were trained. */
export async function deployedRuns(arm: ArmClient, workspaceId: string): Promise<Deployed[]> {
  const found: Deployed[] = [];
  for await (const endpoint of arm.list(`${workspaceId}/onlineEndpoints`, apiVersions.machineLearning)) {
    const deployments = arm.list<{ model?: string }>(`${endpoint.id}/deployments`, apiVersions.machineLearning);
    for await (const { name, properties } of deployments) {
      const model = properties.model?.startsWith("/subscriptions/")
        ? await arm.get<{ tags?: Record<string, string>; jobName?: string }>(
            properties.model,
            apiVersions.machineLearning,
          )
        : undefined;
      const run = model?.properties.tags?.best_child ?? model?.properties.jobName;
      if (run) found.push({ endpointId: endpoint.id, deployment: name, run });
    }
  }
  return found;
}

/** Pictures that are sent to an endpoint that may have other work. */
export const mostScored = 40;
const parallelRequests = 4;

/** Asks a deployment for the boxes of some pictures, whatever its traffic. Undefined when it answers none. */
export async function predictionsOfDeployment(
  arm: ArmClient,
  { endpointId, deployment }: Deployed,
  pictures: readonly HeldOutPicture[],
  files: PictureFiles,
): Promise<Predictions | undefined> {
  const client = await ScoringClient.open(arm, await getEndpoint(arm, endpointId));
  const boxes = new Map<string, Detection[]>();
  await inParallel(evenly(pictures, mostScored), parallelRequests, async ({ url }) => {
    const scored = await client.score(await files.read(url), deployment);
    if (scored.problem === undefined)
      boxes.set(
        url,
        scored.boxes.filter(({ score }) => score >= confidentScore),
      );
  });
  return boxes.size > 0 ? { source: `deployment ${deployment}, asked now`, boxes } : undefined;
}

/** So many of a list, spread over all of it. */
export function evenly<T>(list: readonly T[], most: number): T[] {
  if (list.length <= most) return [...list];
  return Array.from({ length: most }, (_, index) => list[Math.floor((index * list.length) / most)]);
}
