import { messageOf } from "../../errors";
import { isCredentialFailure, type ArmClient } from "../../azure/arm";
import { inParallel } from "../../parallel";
import type { Detection } from "../../serving/detections";
import type { Collected, ReportRun } from "../runs/run";
import { PictureFiles } from "../../azure/pictureFiles";
import { mostPictures, readHeldOut, type HeldOutPicture } from "./heldOut";
import { confusionOf, matchBoxes, mistakesOf, type Confusion, type TruthBox } from "./matching";
import {
  deployedRuns,
  predictionsOfDeployment,
  predictionsOfRun,
  type Deployed,
  type Predictions,
} from "./predictions";
import { thumbnail, type Thumbnail } from "./thumbnail";

/** A held-out picture with the boxes of the models that are compared. */
export interface ComparedPicture {
  name: string;
  picture: Thumbnail;
  truth: TruthBox[];
  /** In the order of {@link Pictures.models}. */
  found: Detection[][];
  mistakes: number[];
}

export interface ComparedModel {
  run: ReportRun;
  source: string;
  confusion: Confusion;
  mistakes: number;
}

export interface Pictures {
  models: ComparedModel[];
  /** Pictures that all of the models were asked about. */
  compared: number;
  /** The worst of them first, by the mistakes of the last model. */
  shown: ComparedPicture[];
}

/** Models side by side; more would be too small to see. */
const mostModels = 2;
const thumbnailSide = 360;
const parallelReads = 8;

/**
 * The champion's boxes and the best other run's on the same held-out pictures; what is not to be had is told in the notes.
 * @param most pictures that are shown
 */
export async function collectPictures(
  arm: ArmClient,
  { workspaceId, runs, notes }: Collected,
  most: number,
): Promise<Pictures | undefined> {
  if (most === 0) return undefined;
  const heldOut = runs.find((run) => run.heldOut)?.heldOut;
  const no = (reason: string) => void notes.push(`No pictures: ${reason}`);
  if (!heldOut) return no("no job of these runs names validation data that is a data asset of the workspace.");
  try {
    const pictures = await readHeldOut(arm, workspaceId, heldOut);
    if (pictures.length === mostPictures)
      notes.push(`The held-out data is large: its first ${mostPictures} pictures are compared.`);
    const files = new PictureFiles(arm);
    const models = await modelsOf(arm, workspaceId, runs, pictures, heldOut.dataId, files);
    if (models.length === 0)
      return no(
        "no predictions were found: none of these runs wrote outputs/predictions.txt (AutoML does so with output_scoring), and no deployment serves a model of them.",
      );
    if (models.length === 1)
      notes.push(`Pictures have the boxes of ${models[0]?.run.name} alone; no predictions of another run were found.`);
    return await compare(models, pictures, files, most, notes);
  } catch (error) {
    if (isCredentialFailure(error)) throw error;
    return no(messageOf(error));
  }
}

type Model = Predictions & { run: ReportRun };

/** The champion first, then the best of the others. */
async function modelsOf(
  arm: ArmClient,
  workspaceId: string,
  runs: readonly ReportRun[],
  pictures: readonly HeldOutPicture[],
  dataId: string,
  files: PictureFiles,
): Promise<Model[]> {
  const value = ({ best }: ReportRun) => best?.value ?? -Infinity;
  const order = runs
    .filter((run) => run.heldOut?.dataId === dataId || run.championOf !== undefined)
    .sort((a, b) => Number(b.championOf !== undefined) - Number(a.championOf !== undefined) || value(b) - value(a));
  let deployed: Deployed[] | undefined;
  const models: Model[] = [];
  for (const run of order) {
    const written = await predictionsOfRun(arm, workspaceId, run.id, pictures);
    if (!written) deployed ??= await deployedRuns(arm, workspaceId);
    const served = written ? undefined : deployed?.find((one) => one.run === run.id);
    const predictions = written ?? (served && (await predictionsOfDeployment(arm, served, pictures, files)));
    if (predictions) models.push({ ...predictions, run });
    if (models.length === mostModels) break;
  }
  return models;
}

async function compare(
  models: readonly Model[],
  pictures: readonly HeldOutPicture[],
  files: PictureFiles,
  most: number,
  notes: string[],
): Promise<Pictures> {
  const judged = pictures.flatMap(({ url, truth }) => {
    const found = models.map(({ boxes }) => boxes.get(url));
    if (!found.every((boxes) => boxes !== undefined)) return [];
    const matched = found.map((boxes) => matchBoxes(truth, boxes));
    return [{ url, truth, found, matched, mistakes: matched.map(mistakesOf) }];
  });
  const last = models.length - 1;
  const worst = [...judged]
    .sort((a, b) => (b.mistakes[last] ?? 0) - (a.mistakes[last] ?? 0) || sum(b.mistakes) - sum(a.mistakes))
    .slice(0, most);
  const shown = new Array<ComparedPicture | undefined>(worst.length);
  await inParallel(worst.entries(), parallelReads, async ([index, { url, truth, found, mistakes }]) => {
    try {
      const picture = await thumbnail(await files.read(url), thumbnailSide);
      shown[index] = { name: url.slice(url.lastIndexOf("/") + 1), picture, truth, found, mistakes };
    } catch (error) {
      notes.push(`Picture ${url} cannot be shown: ${messageOf(error)}`);
    }
  });
  return {
    models: models.map(({ run, source }, index) => ({
      run,
      source,
      confusion: confusionOf(judged.flatMap(({ matched }) => matched[index] ?? [])),
      mistakes: sum(judged.map(({ mistakes }) => mistakes[index] ?? 0)),
    })),
    compared: judged.length,
    shown: shown.filter((picture) => picture !== undefined),
  };
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
