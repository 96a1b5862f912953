import { ArmClient } from "../../lib/azure/arm";
import { messageOf } from "../../lib/errors";
import { assist } from "../../lib/labeling/assist/assist";
import { countWaiting, modelVersionOf } from "../../lib/labeling/assist/preLabel";
import { LabelStudioClient } from "../../lib/labeling/client";
import { labelingConnection, type StudioAddress } from "../../lib/labeling/connection";
import { quickClient } from "../../lib/labeling/quickClient";
import { markOf } from "../../lib/labeling/mark";
import { readProgress } from "../../lib/labeling/progress";
import { openPlace } from "../../lib/labeling/place";
import { containsUnknown, defineLifecycle, unknownValue } from "../lifecycle";
import { progressLines } from "../progress";
import type { LastAssist } from "./resource";

interface Inputs extends StudioAddress {
  workspaceId: string;
  dataId: string;
  projectId: number;
  name: string;
  title: string;
  labels: string[];
  endpointId: string;
  model: string;
  modelVersion: string;
  minLabeled: number;
  confidence: number;
  mark: string;
  /** How many images wait for suggestions; absent when none does. */
  due?: number;
}

interface Outputs extends Inputs {
  last?: LastAssist;
}

export const lifecycle = defineLifecycle<Inputs, Outputs>({
  replaceOn: ["mark"],
  // An equal model suggests nothing new; which images wait is what counts.
  changesOf: ["mark", "due"],

  async check(inputs) {
    const mark = containsUnknown(inputs.workspaceId) ? unknownValue : markOf(inputs.workspaceId, inputs.name);
    const due = containsUnknown(inputs) ? undefined : await countDue(inputs);
    return { inputs: { ...inputs, mark, ...(due ? { due } : {}) } };
  },

  async create(inputs) {
    return { id: `assist/${inputs.mark}`, outputs: await suggest(inputs) };
  },

  async read(_id, state) {
    return state;
  },

  async update(_id, inputs, before) {
    return suggest(inputs, before.last);
  },

  // What was suggested helps people whether or not more follows.
  async delete() {},
});

async function suggest(inputs: Inputs, before?: LastAssist): Promise<Outputs> {
  const { due, ...rest } = inputs;
  if (!due) return { ...rest, last: before };
  const arm = await ArmClient.connect();
  const version = versionOf(inputs);
  const { images, boxes } = await assist({
    ...{ ...inputs, ...(await openPlace(arm, inputs.workspaceId, inputs.dataId)), arm, version },
    ...{ client: new LabelStudioClient(labelingConnection(inputs)), print: console.log, reporter: progressLines },
  });
  return { ...rest, last: { version, images, boxes, at: new Date().toISOString() } };
}

/** 0 before people have done enough images. */
async function countDue(inputs: Inputs): Promise<number> {
  const { projectId, minLabeled } = inputs;
  try {
    const client = quickClient(inputs);
    const { labeled } = await readProgress(client, projectId);
    if (labeled < minLabeled) {
      console.log(`Pre-labels: none before ${minLabeled} images are done by people; ${labeled} are`);
      return 0;
    }
    return await countWaiting(client, projectId, versionOf(inputs));
  } catch (error) {
    console.log(`warning: nothing is pre-labeled: ${messageOf(error)}`);
    return 0;
  }
}

function versionOf({ model, modelVersion, confidence }: Inputs): string {
  return modelVersionOf(model, modelVersion, confidence);
}
