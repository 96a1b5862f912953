import { ArmClient } from "../../lib/azure/arm";
import { messageOf, UserError } from "../../lib/errors";
import { LabelStudioClient } from "../../lib/labeling/client";
import { labelingConnection, type StudioAddress } from "../../lib/labeling/connection";
import { quickClient } from "../../lib/labeling/quickClient";
import { isExportDue, stepOf, type Done } from "../../lib/labeling/export/due";
import { exportLabels } from "../../lib/labeling/export/exportLabels";
import { hashOf, readLastExport, type LastExport } from "../../lib/labeling/export/lastExport";
import { markOf } from "../../lib/labeling/mark";
import { readProgress } from "../../lib/labeling/progress";
import { describeLabels } from "../../lib/tables/change";
import { judgeSize } from "../../lib/tables/size";
import { findPlace, openPlace } from "../../lib/labeling/place";
import { containsUnknown, defineLifecycle, unknownValue } from "../lifecycle";

interface Inputs extends StudioAddress {
  workspaceId: string;
  dataId: string;
  projectId: number;
  name: string;
  title: string;
  labels: string[];
  labelers: string[];
  reviewers: string[];
  exportOn: "manual" | "count" | "percent";
  exportStep: number;
  validationFraction: number;
  splitSeed: number;
  required: boolean;
  mark: string;
  /** Images that somebody has done by now. */
  labeled?: number;
  /** Why an export is to be made now; absent when none is. */
  due?: string;
  /** The export that is there, null for none; absent when another one is to be made. */
  last?: LastExport | null;
}

export const lifecycle = defineLifecycle<Inputs, Inputs>({
  replaceOn: ["mark"],
  // What was exported is what counts.
  changesOf: ["mark", "due", "last"],

  async check(given, before) {
    const { workspaceId, required, title } = given;
    // Where they are made anew by this very `up`, the project and the images are still those of before.
    const known = <Key extends "dataId" | "projectId">(key: Key) =>
      containsUnknown(given[key]) && before ? before[key] : given[key];
    const inputs = { ...given, dataId: known("dataId"), projectId: known("projectId") };
    const { dataId } = inputs;
    if (containsUnknown([workspaceId, dataId, inputs.projectId])) {
      const mark = containsUnknown(workspaceId) ? unknownValue : markOf(workspaceId, inputs.name);
      return { inputs: { ...inputs, mark }, failures: required ? [notYet(title, 0)] : [] };
    }
    const mark = markOf(workspaceId, inputs.name);
    const place = await findPlace(await ArmClient.connect(), workspaceId, dataId);
    const last = (place && (await readLastExport(place.container, mark, workspaceId))) ?? null;
    const done = await howFar(inputs);
    const due = done && isExportDue(inputs, done, last, hashOf(inputs)) && whyDue(done, last);
    const checked = { ...inputs, mark, labeled: done?.labeled, ...(due ? { due } : { last }) };
    if (!required) return { inputs: checked };
    if (!last && !due) return { inputs: checked, failures: [notYet(title, done?.labeled ?? 0)] };
    const size = last && !due ? judgeSize(`The labels of ${title}`, last) : { problems: [], warnings: [] };
    for (const warning of size.warnings) console.log(`warning: ${warning}`);
    return { inputs: checked, failures: size.problems.map((reason) => ({ property: "exportOn", reason })) };
  },

  explain: (state, inputs) =>
    describeLabels(state.last, {
      ...inputs,
      step: stepOf(inputs, state.labeled ?? 0),
    }),

  async create(inputs) {
    return { id: `labels/${inputs.mark}`, outputs: await settle(inputs) };
  },

  async read(_id, state) {
    const place = await findPlace(await ArmClient.connect(), state.workspaceId, state.dataId);
    const last = place && (await readLastExport(place.container, state.mark, state.workspaceId));
    return { ...state, last: last ?? null };
  },

  async update(_id, inputs) {
    return settle(inputs);
  },

  // Jobs and models go on referring to what was exported.
  async delete() {},
});

async function settle(inputs: Inputs): Promise<Inputs> {
  const { due, ...rest } = inputs;
  if (due === undefined) return rest;
  const arm = await ArmClient.connect();
  const { container } = await openPlace(arm, inputs.workspaceId, inputs.dataId);
  const client = new LabelStudioClient(labelingConnection(inputs));
  const { last } = await exportLabels({ ...inputs, arm, client, container, print: console.log });
  const { problems } = judgeSize(`The labels of ${inputs.title}`, last);
  if (inputs.required && problems.length > 0) throw new UserError(problems.join("\n"));
  return { ...rest, last };
}

/** Undefined when Label Studio does not say. */
async function howFar(inputs: Inputs): Promise<Done | undefined> {
  try {
    return await readProgress(quickClient(inputs), inputs.projectId);
  } catch (error) {
    const why = messageOf(error);
    console.log(`warning: nothing is exported, since it is not known how far people are: ${why}`);
    return undefined;
  }
}

function whyDue({ labeled, total }: Done, last: LastExport | null): string {
  return last
    ? `${labeled} of ${total} images are done, and ${last.done} were`
    : `${labeled} of ${total} images are done`;
}

function notYet(title: string, labeled: number) {
  const reason =
    `training.data is "labeling", and nothing of the project ${title} has been exported (${labeled} images are done). ` +
    'Label images first, with training.data "coco" meanwhile; then export them: npm run labeling:export -- --stack STACK, or ' +
    'labeling.exportOn "count" or "percent".';
  return { property: "exportOn", reason };
}
