import { ArmClient } from "../../lib/azure/arm";
import { UserError } from "../../lib/errors";
import { championOf, lastPromoted } from "../../lib/promotion";
import { containsUnknown, defineLifecycle } from "../lifecycle";
import { driftOf } from "./drift";
import { championRecord, historyOf } from "./modelVersion";
import { ModelRegistry } from "./registry";
import { rollbackTarget } from "./rollback";
import { writeReport } from "./report";
import { scheduledJobs } from "./scheduledJobs";
import { sharedSource } from "./sharedSource";
import { settle, type Inputs, type Outputs } from "./settle";

async function registryOf({ workspaceId, modelName, modelType }: Inputs): Promise<ModelRegistry> {
  return new ModelRegistry(await ArmClient.connect(), workspaceId, modelName, modelType);
}

async function decide(inputs: Inputs, olds?: Outputs): Promise<Outputs> {
  const outputs = await settle(inputs, olds);
  // The stack that the model comes from has compared it.
  return { ...outputs, report: inputs.source ? null : await writeReport(outputs) };
}

/** What the preview can already tell to be impossible. */
async function wrongRollback(inputs: Inputs): Promise<string | undefined> {
  const { rollbackTo, modelName, workspaceId } = inputs;
  if (rollbackTo === "" || containsUnknown([rollbackTo, modelName, workspaceId])) return undefined;
  try {
    rollbackTarget(await (await registryOf(inputs)).versions(), rollbackTo, modelName);
  } catch (error) {
    if (error instanceof UserError) return error.message;
    // The workspace cannot be asked now; the deployment itself will say why.
  }
  return undefined;
}

export const lifecycle = defineLifecycle<Inputs, Outputs>({
  replaceOn: ["workspaceId", "modelName"],
  // The id is that of the data's version; the commit is on record with what was registered from it.
  ignoreChangesOf: ["dataId", "gitCommit"],
  stateDefaults: {
    source: null,
    schedule: null,
    scheduledJobs: [],
    openJobs: [],
    drift: [],
    decisions: [],
    history: [],
    report: null,
  },
  unfinished: ({ openJobs, drift }) => openJobs.length > 0 || drift.length > 0,

  async check(given, before) {
    const inputs = {
      ...given,
      source: await sharedSource(given, before),
      scheduledJobs: await scheduledJobs(given, before),
    };
    const reason = await wrongRollback(inputs);
    return { inputs, failures: reason === undefined ? [] : [{ property: "rollbackTo", reason }] };
  },

  async create(inputs) {
    const outputs = await decide(inputs);
    return { id: `${inputs.workspaceId}/models/${inputs.modelName}`, outputs };
  },

  async read(_id, state) {
    const versions = await (await registryOf(state)).versions();
    const seen = championOf(versions) ?? lastPromoted(versions);
    if (!seen) return undefined;
    return {
      ...state,
      champion: championRecord(state.modelName, seen),
      history: historyOf(versions, seen.version, state),
      drift: driftOf(versions, state.champion.version),
    };
  },

  async update(_id, inputs, olds) {
    return decide(inputs, olds);
  },

  // Registered models are the record of what served; they stay.
  async delete() {},
});
