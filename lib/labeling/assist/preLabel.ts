import type { ContainerClient } from "@azure/storage-blob";
import { setTimeout as sleep } from "node:timers/promises";
import { UserError } from "../../errors";
import { inParallel } from "../../parallel";
import type { Scored } from "../../serving/scoringClient";
import { countTasks, deletePrediction, importPredictions, listSuggestions, showSuggestionsOf } from "../api";
import { hasSeveralSuggestions, waitsFor } from "../filters";
import type { SuggestedTask } from "../wire";
import type { LabelStudioClient } from "../client";
import { UnknownOutcome } from "../requestErrors";
import { toRegion } from "../regions";

/** A batch that was about to be sent; who was killed then does not know what became of it. */
export interface SentSuggestions {
  modelVersion: string;
  tasks: number[];
  /** ISO 8601. */
  sentAt: string;
}

/** Where the one who suggests leaves what it is doing, for whoever goes on after it. */
export interface SuggestionLedger {
  /** @throws UserError when another writer may be at work by now */
  assertHeld(): void;
  read(): Promise<SentSuggestions | undefined>;
  write(sent: SentSuggestions | undefined): Promise<void>;
}

export interface PreLabelSettings {
  client: LabelStudioClient;
  projectId: number;
  container: ContainerClient;
  /** Folder of the images in the container, with its slash. */
  prefix: string;
  labels: readonly string[];
  /** As {@link modelVersionOf} names it. */
  modelVersion: string;
  /** Lowest score of a box that is suggested. */
  confidence: number;
  score: (picture: Buffer) => Promise<Scored>;
  ledger: SuggestionLedger;
  onProgress?: (done: number, total: number) => void;
}

export interface PreLabeled {
  /** Images that got suggestions. */
  images: number;
  boxes: number;
  /** Boxes of labels that the project does not have, which are not suggested. */
  otherLabels: number;
  /** Images that cannot be read or scored, the first ones with why; they get an empty suggestion, so that nobody tries again. */
  failed: number;
  problems: string[];
}

const batchTasks = 50;
const scoredAtOnce = 4;
const settleMs = 30_000;
const pollMs = 500;
const mostRounds = 4;
const toldProblems = 3;
/** Answers that mean a picture, and not the endpoint. */
const refusals = [400, 413, 415, 422, 424];

/** The name of a model's suggestions. In brackets, so that no name is part of another one: Label Studio looks for parts. */
export function modelVersionOf(model: string, version: string, confidence: number): string {
  return `[${model}:${version} from ${confidence}]`;
}

/** How many images wait for a model's suggestions. */
export function countWaiting(client: LabelStudioClient, projectId: number, modelVersion: string): Promise<number> {
  return countTasks(client, projectId, waitsFor(modelVersion));
}

/**
 * Suggests a model's boxes on the images that nobody has done and that have none of that model. What an earlier model has
 * suggested on them goes. Whatever crashes, an image gets them once: what was sent is noted before.
 */
export async function preLabel(settings: PreLabelSettings): Promise<PreLabeled> {
  const { client, projectId, modelVersion, onProgress = () => {} } = settings;
  const result: PreLabeled = { images: 0, boxes: 0, otherLabels: 0, failed: 0, problems: [] };
  await settle(settings);
  const total = await countWaiting(client, projectId, modelVersion);
  let batch: SuggestedTask[] = [];
  for await (const task of listSuggestions(client, projectId, waitsFor(modelVersion))) {
    batch.push(task);
    if (batch.length < batchTasks) continue;
    onProgress(result.images, total);
    await suggest(batch, settings, result);
    batch = [];
  }
  if (batch.length > 0) await suggest(batch, settings, result);
  onProgress(result.images, total);
  await removeOlder(settings);
  if (result.images > 0) await showSuggestionsOf(client, projectId, modelVersion);
  return result;
}

type Suggestion = Parameters<typeof importPredictions>[2][number];

async function suggest(tasks: readonly SuggestedTask[], settings: PreLabelSettings, result: PreLabeled): Promise<void> {
  const suggestions: Suggestion[] = [];
  await inParallel(tasks, scoredAtOnce, async (task) => {
    suggestions.push(await suggestionFor(task, settings, result));
  });
  await send(suggestions, settings);
  result.images += suggestions.length;
  result.boxes += suggestions.reduce((sum, { result: boxes }) => sum + boxes.length, 0);
}

async function suggestionFor(task: SuggestedTask, settings: PreLabelSettings, result: PreLabeled): Promise<Suggestion> {
  const { labels, modelVersion, confidence } = settings;
  const found = await detect(task, settings);
  if (typeof found === "string") {
    result.failed++;
    if (result.problems.length < toldProblems) result.problems.push(`${String(task.data.path)}: ${found}`);
    return { task: task.id, model_version: modelVersion, score: 0, result: [] };
  }
  const sure = found.boxes.filter(({ score }) => score >= confidence);
  const known = sure.filter(({ label }) => labels.includes(label));
  result.otherLabels += sure.length - known.length;
  const score = Math.max(0, ...known.map((box) => box.score));
  const regions = known.map((box, index) => ({ id: `${task.id}-${index}`, ...toRegion(box, found.size, box.score) }));
  return { task: task.id, model_version: modelVersion, score, result: regions };
}

/**
 * @returns what is wrong with the image, when it is text
 * @throws UserError when the endpoint does not answer as it should, whatever the image
 */
async function detect({ data }: SuggestedTask, { container, prefix, score }: PreLabelSettings) {
  if (typeof data.path !== "string") return "its task was made by hand";
  let picture: Buffer;
  let size: { width: number; height: number };
  try {
    picture = await container.getBlobClient(prefix + data.path).downloadToBuffer();
    size = (await import("image-size")).imageSize(picture);
  } catch (error) {
    const { statusCode = 404, message } = error as Error & { statusCode?: number };
    // Storage that is out of order is no image that cannot be read.
    if (statusCode !== 404) throw error;
    return message.split("\n")[0] ?? "it cannot be read";
  }
  const { status, boxes, problem } = await score(picture);
  if (problem === undefined) return { boxes, size };
  if (refusals.includes(status)) return problem;
  throw new UserError(
    `The endpoint scores nothing (${problem}). Look at its deployment, and run this again: it goes on from here.`,
  );
}

async function send(suggestions: readonly Suggestion[], settings: PreLabelSettings): Promise<void> {
  const { client, projectId, ledger, modelVersion } = settings;
  let missing = suggestions;
  for (let round = 1; missing.length > 0; round++) {
    const sent = { modelVersion, tasks: missing.map(({ task }) => task), sentAt: new Date().toISOString() };
    await ledger.write(sent);
    ledger.assertHeld();
    const failure = await importPredictions(client, projectId, missing).catch(async (error: unknown) => {
      if (error instanceof UnknownOutcome) return error;
      // It was refused, so that nobody has to wait for it.
      await ledger.write(undefined);
      throw error;
    });
    const waiting = await stillWaiting(settings, sent, failure && !failure.isOver ? settleMs : 0);
    const left = missing.filter(({ task }) => waiting.has(task));
    if (left.length === missing.length && round >= mostRounds)
      throw new UserError(
        `${failure?.message ?? "Label Studio answers that it has taken suggestions"}, and of ${missing.length} it has none. ` +
          "Look at its log, and run this again.",
      );
    missing = left;
  }
  await ledger.write(undefined);
}

/** What a killed run has sent is there, or can come no more. */
async function settle(settings: PreLabelSettings): Promise<void> {
  const sent = await settings.ledger.read();
  if (!sent) return;
  await stillWaiting({ ...settings, modelVersion: sent.modelVersion }, sent, settleMs);
  await settings.ledger.write(undefined);
}

/** Those of a batch that have no suggestions, once that can change no more; images that people do meanwhile wait no longer. */
async function stillWaiting(
  { client, projectId, modelVersion }: Pick<PreLabelSettings, "client" | "projectId" | "modelVersion">,
  { tasks, sentAt }: SentSuggestions,
  limitMs: number,
): Promise<Set<number>> {
  const deadline = Math.min(Date.parse(sentAt), Date.now()) + limitMs;
  for (;;) {
    const waiting = new Set<number>();
    const chosen = { field: "id", operator: "in_list", value: tasks, type: "List" } as const;
    for await (const { id } of listSuggestions(client, projectId, [...waitsFor(modelVersion), chosen])) waiting.add(id);
    if (waiting.size === 0 || Date.now() >= deadline) return waiting;
    await sleep(pollMs);
  }
}

/** Of several suggestions for an image that nobody has done, the newest of the model stays. */
async function removeOlder({ client, projectId, modelVersion, ledger }: PreLabelSettings): Promise<void> {
  for await (const { predictions } of listSuggestions(client, projectId, hasSeveralSuggestions)) {
    const [newest] = predictions
      .filter(({ model_version: version }) => version === modelVersion)
      .map(({ id }) => id)
      .sort((a, b) => b - a);
    if (newest === undefined) continue;
    ledger.assertHeld();
    await inParallel(
      predictions.filter(({ id, model_version: version }) => id !== newest && version.startsWith("[")),
      scoredAtOnce,
      ({ id }) => deletePrediction(client, id),
    );
  }
}
