import { ArmClient } from "../../lib/azure/arm";
import type { BlobLock } from "../../lib/azure/blobLock";
import { messageOf, UserError } from "../../lib/errors";
import { Fingerprint } from "../../lib/content/fingerprint";
import { inviteLink } from "../../lib/labeling/api";
import { LabelStudioClient } from "../../lib/labeling/client";
import { imageSigning, labelingConnection, type StudioAddress } from "../../lib/labeling/connection";
import { listImages, renewAfter } from "../../lib/labeling/images";
import { labelsOf } from "../../lib/labeling/labelConfig";
import { markOf } from "../../lib/labeling/mark";
import { notSignedUp } from "../../lib/labeling/people";
import { readProgress, type LabelingProgress } from "../../lib/labeling/progress";
import { ensureProject, findProject, labelProblems } from "../../lib/labeling/project";
import { asOneWriter, refreshTasks } from "../../lib/labeling/refresh";
import { removeProject } from "../../lib/labeling/removal";
import { containsUnknown, defineLifecycle, PartialFailure, unknownValue } from "../lifecycle";
import { progressLines } from "../progress";
import { findPlace, openPlace, type ImagesPlace } from "../../lib/labeling/place";

interface Inputs extends StudioAddress {
  imagesUrl: string;
  workspaceId: string;
  dataId: string;
  name: string;
  title: string;
  labels: string[];
  renameLabels: Record<string, string>;
  instructions: { text: string; url: string };
  labelers: string[];
  reviewers: string[];
  incrementalRefresh: boolean;
  deleteAnnotations: boolean;
  /** By which the project is found again. */
  mark: string;
  /** Of the images in the container; the asset's id where later ones are not wanted. */
  images: string;
  /** Name of the key that signs addresses now. */
  imageKeyId: string;
}

interface Outputs extends Inputs {
  projectId: number;
  projectUrl: string;
  labelersLink: string;
  progress: LabelingProgress;
  lastRefresh: string;
  /** Whether all images have a task. */
  complete: boolean;
}

/** Tries of a request to a Label Studio of the stack's own: its first start makes the database, for minutes. */
const ownTries = 30;

function connect(inputs: StudioAddress): LabelStudioClient {
  return new LabelStudioClient(labelingConnection(inputs), inputs.access ? { tries: ownTries } : {});
}

/** Makes project and tasks what they should be. */
async function apply(inputs: Inputs, before?: Outputs): Promise<Outputs> {
  const client = connect(inputs);
  const place = await openPlace(await ArmClient.connect(), inputs.workspaceId, inputs.dataId);
  return asOneWriter(place.container, inputs, async (lock) => {
    const project = await ensureProject(client, inputs, console.log);
    const known = {
      projectId: project.id,
      projectUrl: `${client.url}/projects/${project.id}`,
      labelersLink: await inviteLink(client),
    };
    for (const email of await notSignedUp(client, inputs))
      console.log(`Labeling: ${masked(email)} has not signed up yet; the stack's output labelersLink has the link`);
    try {
      const isSynced = before?.complete === true && before.projectId === project.id && !needsSync(inputs, before);
      const lastRefresh = isSynced ? before.lastRefresh : await sync(client, project.id, inputs, place, lock);
      return { ...inputs, ...known, lastRefresh, complete: true, progress: await readProgress(client, project.id) };
    } catch (error) {
      // The project is there, so that its id must not be lost.
      const progress = { total: 0, labeled: 0, skipped: 0, left: 0, preLabeled: 0, byLabeler: [] };
      const last = { lastRefresh: before?.lastRefresh ?? "", progress: before?.progress ?? progress };
      const why = messageOf(error);
      throw new PartialFailure(idOf(inputs), { ...inputs, ...known, ...last, complete: false }, why);
    }
  });
}

/** Logs of pipelines are read by many: who knows the address knows it again, and nobody else learns it. */
function masked(email: string): string {
  return email.replace(/^(.).*@/, "$1***@");
}

function needsSync(inputs: Inputs, before: Outputs): boolean {
  const { images, imageKeyId, imagesUrl } = inputs;
  const hasOther = images !== before.images && inputs.incrementalRefresh;
  return hasOther || imageKeyId !== before.imageKeyId || imagesUrl !== before.imagesUrl || isDue(before);
}

function isDue({ lastRefresh }: Outputs): boolean {
  return !(renewAfter(Date.parse(lastRefresh)) > Date.now());
}

function sync(
  client: LabelStudioClient,
  projectId: number,
  inputs: Inputs,
  place: ImagesPlace,
  lock: BlobLock,
): Promise<string> {
  const signing = imageSigning(inputs);
  return refreshTasks({
    ...{ client, projectId, signing, place, lock },
    print: console.log,
    reporter: progressLines,
  });
}

function idOf({ mark }: Pick<Inputs, "mark">): string {
  return `labelstudio/${mark}`;
}

async function imagesFingerprint(place: ImagesPlace): Promise<string> {
  const fingerprint = new Fingerprint();
  for await (const { path, version } of listImages(place.container, place.prefix)) fingerprint.add(path, version);
  return String(fingerprint);
}

export const lifecycle = defineLifecycle<Inputs, Outputs>({
  replaceOn: ["mark"],
  // What the asset holds is what counts.
  ignoreChangesOf: ["dataId", "workspaceId", "name", "renameLabels", "incrementalRefresh"],
  stateDefaults: { labelers: [], reviewers: [] },

  async check(inputs, before) {
    const { workspaceId, dataId, labels, incrementalRefresh } = inputs;
    // A Label Studio of the stack's own is known once it is there.
    const isReachable = !containsUnknown([inputs.url, inputs.imagesUrl, inputs.access]);
    const client = isReachable ? connect(inputs) : undefined;
    const imageKeyId = isReachable ? (imageSigning(inputs).keys[0]?.id ?? "") : unknownValue;
    const isKnown = !containsUnknown([workspaceId, dataId]);
    const mark = containsUnknown(workspaceId) ? unknownValue : markOf(workspaceId, inputs.name);
    const place = isKnown ? await findPlace(await ArmClient.connect(), workspaceId, dataId) : undefined;
    const seen = place && (incrementalRefresh ? await imagesFingerprint(place) : (before?.images ?? dataId));
    // Only where labels go is Label Studio asked: a preview of all else does without it.
    const gone = (before?.labels ?? []).filter((label) => !labels.includes(label));
    const project = client && gone.length > 0 && mark !== unknownValue ? await findProject(client, mark) : undefined;
    const problems = client && project ? await labelProblems(client, project.id, gone, inputs) : [];
    return {
      inputs: { ...inputs, mark, imageKeyId, images: seen ?? unknownValue },
      failures: problems.map((reason) => ({ property: "labels", reason })),
    };
  },

  unfinished: (state) => !state.complete || isDue(state),

  async create(inputs) {
    return { id: idOf(inputs), outputs: await apply(inputs) };
  },

  /** What people have changed in the project's settings is seen, and put back by the next `up`. */
  async read(_id, state) {
    const client = connect(state);
    const project = await findProject(client, state.mark);
    if (!project) return undefined;
    const { title } = project;
    const progress = await readProgress(client, project.id);
    // Tasks that people have deleted: the next `up` makes them anew.
    const images = progress.total < state.progress.total ? `${progress.total} tasks` : state.images;
    return { ...state, title, labels: labelsOf(project.label_config), projectId: project.id, progress, images };
  },

  async update(_id, inputs, before) {
    return apply(inputs, before);
  },

  async delete(_id, state) {
    try {
      await remove(state);
    } catch (error) {
      throw new UserError(
        `${messageOf(error)}\nTo go on without it, and leave the labeling project as it is: pulumi state delete URN, with the URN of this resource.`,
      );
    }
  },
});

async function remove(state: Outputs): Promise<void> {
  const client = connect(state);
  const project = await findProject(client, state.mark);
  if (!project) return;
  const place = await findPlace(await ArmClient.connect(), state.workspaceId, state.dataId);
  const settings = { ...state, client, projectId: project.id, container: place?.container, print: console.log };
  if (!place) return removeProject(settings);
  await asOneWriter(place.container, state, () => removeProject(settings));
}
