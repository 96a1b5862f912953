import { ArmClient } from "../../lib/azure/arm";
import { getJob, listTrials } from "../../lib/azure/jobs";
import { TrackingClient } from "../../lib/azure/mlflow";
import { UserError } from "../../lib/errors";
import { best, bestTrial, decide, type Candidate, type Decision } from "../../lib/promotion";
import { defineLifecycle } from "../lifecycle";
import type { ChampionRecord } from "./resource";
import { ModelRegistry, primaryMetric } from "./registry";

interface Inputs {
  workspaceId: string;
  modelName: string;
  jobs: string[];
  dataVersion: string;
  minimumMetric: number;
  minimumDelta: number;
}

interface Outputs extends Inputs {
  champion: ChampionRecord;
  decision: Decision;
}

async function promote(inputs: Inputs): Promise<Outputs> {
  const arm = await ArmClient.connect();
  const registry = new ModelRegistry(arm, inputs.workspaceId, inputs.modelName);
  const current = await registry.champion();
  const candidate = best(await candidatesOf(arm, inputs));
  const decision = decide(
    candidate,
    inputs.dataVersion,
    current && {
      version: current.version,
      metric: current.value,
      dataVersion: current.dataVersion,
      trial: current.bestChild,
    },
    inputs,
  );
  console.log(`Champion: ${decision.promoted ? "promoted" : "kept"}; ${decision.reason}`);
  if (decision.promoted && candidate) {
    return { ...inputs, champion: await registry.promote(candidate, inputs.dataVersion), decision };
  }
  if (current) return { ...inputs, champion: await registry.demoteOthers(current), decision };
  throw new UserError(
    `No model can be promoted and there is no champion yet: ${decision.reason}. ` +
      `Jobs: ${inputs.jobs.join(", ")}. Train longer or with more data, or lower model.minimumMetric (${inputs.minimumMetric}).`,
  );
}

/** The best trial of each job. */
async function candidatesOf(arm: ArmClient, { workspaceId, jobs }: Inputs): Promise<Candidate[]> {
  const tracking = await TrackingClient.connect(arm, workspaceId);
  const candidates: Candidate[] = [];
  for (const jobName of jobs) {
    const [job, run, trials] = await Promise.all([
      getJob(arm, workspaceId, jobName),
      tracking.run(jobName),
      listTrials(tracking, jobName),
    ]);
    const chosen = bestTrial(
      trials.map(({ runId, metrics }) => ({ job: jobName, trial: runId, metric: metrics[primaryMetric] ?? null })),
      {
        bestChild: run?.tags.automl_best_child_run_id ?? job?.properties.tags?.automl_best_child_run_id,
        sweepBestChild: job?.properties.properties?.best_child_run_id,
      },
    );
    if (chosen) candidates.push(chosen);
  }
  return candidates;
}

export const lifecycle = defineLifecycle<Inputs, Outputs>({
  replaceOn: ["workspaceId", "modelName"],

  async create(inputs) {
    const outputs = await promote(inputs);
    return { id: `${inputs.workspaceId}/models/${inputs.modelName}`, outputs };
  },

  async read(_id, state) {
    const champion = await new ModelRegistry(await ArmClient.connect(), state.workspaceId, state.modelName).champion();
    return champion ? { ...state, champion } : undefined;
  },

  async update(_id, inputs) {
    return promote(inputs);
  },

  // Registered models are the record of what served; they stay.
  async delete() {},
});
