import { apiVersions, ArmClient, ArmRequestError } from "../../lib/azure/arm";
import { getJob, isTerminal, jobId, type Job, type JobProperties } from "../../lib/azure/jobs";
import { jobHash } from "../../lib/automl";
import { containsUnknown, defineLifecycle, PartialFailure, unknownValue } from "../lifecycle";
import type { Trial } from "./resource";
import { trialsOf, watch } from "./watch";

interface Inputs {
  workspaceId: string;
  baseName: string;
  body: Record<string, unknown>;
  forceToken: string;
  deadlineMinutes: number;
  jobName: string;
}

interface Outputs extends Inputs {
  status: string;
  studioUrl: string | null;
  trials: Trial[];
}

/** Finds the job or submits it: whatever crashed before, there is one job of this name afterwards. */
async function ensureSubmitted(arm: ArmClient, { workspaceId, jobName, body }: Inputs): Promise<Job> {
  const existing = await getJob(arm, workspaceId, jobName);
  if (!existing) {
    console.log(`Job ${jobName}: submitting`);
    return arm.put<JobProperties>(jobId(workspaceId, jobName), apiVersions.machineLearning, { properties: body });
  }
  console.log(`Job ${jobName}: no retraining, inputs unchanged; it exists and is ${existing.properties.status}`);
  return existing.properties.isArchived ? setArchived(arm, existing, false) : existing;
}

/** Azure ML archives by writing the whole job back with the flag. */
function setArchived(arm: ArmClient, job: Job, isArchived: boolean): Promise<Job> {
  return arm.put<JobProperties>(job.id, apiVersions.machineLearning, { properties: { ...job.properties, isArchived } });
}

async function outputsOf(arm: ArmClient, inputs: Inputs, job: Job): Promise<Outputs> {
  return {
    ...inputs,
    status: job.properties.status,
    studioUrl: job.properties.services?.Studio?.endpoint ?? null,
    trials: await trialsOf(arm, inputs.workspaceId, inputs.jobName),
  };
}

async function submitAndWait(inputs: Inputs): Promise<Outputs> {
  const arm = await ArmClient.connect();
  const submitted = await ensureSubmitted(arm, inputs);
  try {
    await watch(arm, inputs.workspaceId, submitted, inputs.deadlineMinutes);
    const job = await getJob(arm, inputs.workspaceId, inputs.jobName);
    if (!job)
      throw new ArmRequestError(404, "JobNotFound", `Job ${inputs.jobName} was deleted while it was being waited for.`);
    return await outputsOf(arm, inputs, job);
  } catch (error) {
    const partial: Outputs = { ...inputs, status: submitted.properties.status, studioUrl: null, trials: [] };
    throw new PartialFailure(inputs.jobName, partial, error instanceof Error ? error.message : String(error));
  }
}

export const lifecycle = defineLifecycle<Inputs, Outputs>({
  replaceOn: ["jobName"],
  // All of these are in the job's name, but for the deadline, which acts on waiting only.
  ignoreChangesOf: ["body", "baseName", "forceToken", "workspaceId", "deadlineMinutes"],

  async check(inputs) {
    const { workspaceId, baseName, body, forceToken } = inputs;
    const unknown = containsUnknown([workspaceId, baseName, body, forceToken]);
    const jobName = unknown ? unknownValue : `${baseName}-${jobHash(body, { workspaceId, forceToken })}`;
    return { inputs: { ...inputs, jobName } };
  },

  async create(inputs) {
    return { id: inputs.jobName, outputs: await submitAndWait(inputs) };
  },

  async read(_id, state) {
    const arm = await ArmClient.connect();
    const job = await getJob(arm, state.workspaceId, state.jobName);
    return job && !job.properties.isArchived ? outputsOf(arm, state, job) : undefined;
  },

  /** Reached after an `up` that was interrupted while it waited: goes on waiting for the same job. */
  async update(_id, inputs) {
    return submitAndWait(inputs);
  },

  async delete(_id, state) {
    const arm = await ArmClient.connect();
    let job = await getJob(arm, state.workspaceId, state.jobName);
    if (!job) return;
    if (!isTerminal(job.properties.status)) {
      await arm.post(`${job.id}/cancel`, apiVersions.machineLearning);
      await watch(arm, state.workspaceId, job, 10, { failOnFailure: false });
      job = await getJob(arm, state.workspaceId, state.jobName);
    }
    if (job && !job.properties.isArchived) await setArchived(arm, job, true);
  },
});
