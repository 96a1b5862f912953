import { ArmClient } from "../../lib/azure/arm";
import {
  cancelJob,
  deleteJob,
  isTerminal,
  listTrials,
  primaryMetric,
  putJob,
  setArchived,
  type Job,
} from "../../lib/azure/jobs";
import { TrackingClient, type TrackedRun } from "../../lib/azure/mlflow";
import { jobHash } from "../../lib/automl";
import { messageOf, UserError } from "../../lib/errors";
import { nodeHoursOf, nodesOfTrial } from "../../lib/prices/usage";
import type { JobBounds } from "../../lib/prices/training";
import { containsUnknown, defineLifecycle, PartialFailure, unknownValue } from "../lifecycle";
import { attemptName, isFailure, submittedAttempts } from "./attempts";
import { describeChanges } from "./changes";
import { failureOf } from "./failure";
import { interruptible } from "./interruption";
import { pinLatest } from "./pinLatest";
import type { CostRate } from "./progressLine";
import type { Trial } from "./resource";
import { watch } from "./watch";

interface Inputs {
  workspaceId: string;
  baseName: string;
  body: Record<string, unknown>;
  forceToken: string;
  deadlineMinutes: number;
  wait: boolean;
  onInterrupt: "detach" | "cancel";
  onFailure: "resubmit" | "keep";
  onDestroy: "archive" | "delete";
  preemptionRetries: number;
  cost?: CostRate;
  bounds?: JobBounds;
  jobName: string;
}

interface Outputs extends Inputs {
  runName: string;
  status: string;
  studioUrl: string | null;
  trials: Trial[];
  nodeHours: number | null;
  endedAt: string | null;
}

/** Minutes that a canceled job gets to end. */
const cancelMinutes = 10;

/**
 * Finds the job or submits it: whatever crashed before, there is one running job of these inputs afterwards. The name comes
 * from the inputs, so looking first makes submitting repeatable.
 */
async function ensureSubmitted(arm: ArmClient, { workspaceId, jobName, body, onFailure }: Inputs): Promise<Job> {
  const attempts = await submittedAttempts(arm, workspaceId, jobName);
  const last = attempts.at(-1);
  if (last && (!isFailure(last) || onFailure === "keep")) {
    console.log(`Job ${last.name}: no retraining, inputs unchanged; it exists and is ${last.properties.status}`);
    return last.properties.isArchived ? setArchived(arm, workspaceId, last, false) : last;
  }
  const name = attemptName(jobName, attempts.length + 1);
  console.log(`Job ${name}: submitting${last ? `, since ${last.name} is ${last.properties.status}` : ""}`);
  return putJob(arm, workspaceId, name, body);
}

/** @param hoursBefore node hours of attempts before this one */
function outputsOf(inputs: Inputs, job: Job, trials: readonly TrackedRun[], hoursBefore = 0): Outputs {
  const hours = hoursOf(job, trials);
  const ends = trials.flatMap(({ endTime }) => (endTime === undefined ? [] : [endTime]));
  const hasEnded = isTerminal(job.properties.status) && ends.length > 0;
  return {
    ...inputs,
    runName: job.name,
    status: job.properties.status,
    studioUrl: job.properties.services?.Studio?.endpoint ?? null,
    trials: trials.map(({ runId, status, metrics }) => ({
      name: runId,
      status,
      metric: metrics[primaryMetric] ?? null,
    })),
    nodeHours: hours === null && hoursBefore === 0 ? null : (hours ?? 0) + hoursBefore,
    endedAt: hasEnded ? new Date(Math.max(...ends)).toISOString() : null,
  };
}

function hoursOf({ properties }: Job, trials: readonly TrackedRun[]): number | null {
  const nodes = nodesOfTrial(properties.resources);
  const hours = trials.flatMap((trial) => nodeHoursOf(trial, nodes, Date.now()) ?? []);
  return hours.length > 0 ? hours.reduce((sum, value) => sum + value, 0) : null;
}

async function submitAndWait(inputs: Inputs): Promise<Outputs> {
  const { workspaceId } = inputs;
  const arm = await ArmClient.connect();
  let job = await ensureSubmitted(arm, inputs);
  let trials: TrackedRun[] = [];
  let hoursBefore = 0;
  if (!inputs.wait) return outputsOf(inputs, job, trials);
  try {
    for (let preemptions = 0; ; preemptions++) {
      ({ job, trials } = await waitFor(arm, inputs, job.name));
      if (job.properties.status === "Completed") return outputsOf(inputs, job, trials, hoursBefore);
      const { message, preempted } = await failureOf(arm, workspaceId, job, trials);
      if (!preempted || preemptions >= inputs.preemptionRetries) throw new Error(message);
      hoursBefore += hoursOf(job, trials) ?? 0;
      console.log(`${message}\nThe node was taken away; the job is submitted again`);
      job = await ensureSubmitted(arm, { ...inputs, onFailure: "resubmit" });
    }
  } catch (error) {
    const message = messageOf(error);
    throw new PartialFailure(inputs.jobName, outputsOf(inputs, job, trials, hoursBefore), message);
  }
}

function waitFor(arm: ArmClient, { workspaceId, onInterrupt, deadlineMinutes, cost }: Inputs, jobName: string) {
  return interruptible({ arm, workspaceId, jobName, onInterrupt }, (signal) =>
    watch(arm, workspaceId, jobName, { deadlineMinutes, cost, signal }),
  );
}

export const lifecycle = defineLifecycle<Inputs, Outputs>({
  replaceOn: ["jobName"],
  // Those that make a job are in its name; the others act on waiting only.
  ignoreChangesOf: [
    ...(["body", "baseName", "forceToken", "workspaceId"] as const),
    ...(["deadlineMinutes", "wait", "onInterrupt", "onFailure", "preemptionRetries", "cost", "bounds"] as const),
  ],
  unfinished: ({ status, onFailure }) => (isTerminal(status) ? status !== "Completed" && onFailure !== "keep" : true),
  explain: describeChanges,

  async check(inputs) {
    const { workspaceId, baseName, forceToken } = inputs;
    const unknown = containsUnknown([workspaceId, baseName, inputs.body, forceToken]);
    if (unknown) return { inputs: { ...inputs, jobName: unknownValue } };
    try {
      const body = await pinLatest(() => ArmClient.connect(), inputs.body);
      return { inputs: { ...inputs, body, jobName: `${baseName}-${jobHash(body, { workspaceId, forceToken })}` } };
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      return { inputs, failures: [{ property: "body", reason: error.message }] };
    }
  },

  async create(inputs) {
    return { id: inputs.jobName, outputs: await submitAndWait(inputs) };
  },

  async read(_id, state) {
    const arm = await ArmClient.connect();
    const { workspaceId, jobName } = state;
    const job = (await submittedAttempts(arm, workspaceId, jobName)).at(-1);
    if (!job || job.properties.isArchived) return undefined;
    const trials = await listTrials(await TrackingClient.connect(arm, workspaceId), job.name);
    return outputsOf(state, job, trials);
  },

  /** Reached after an `up` that ended before the job did, or that saw it fail. */
  async update(_id, inputs) {
    return submitAndWait(inputs);
  },

  /** All attempts go: an interrupted `up` may have submitted one that the state does not know. */
  async delete(_id, { workspaceId, jobName, onDestroy }) {
    const arm = await ArmClient.connect();
    for (const attempt of await submittedAttempts(arm, workspaceId, jobName)) {
      let job = attempt;
      if (!isTerminal(job.properties.status)) {
        await cancelJob(arm, workspaceId, job.name);
        ({ job } = await watch(arm, workspaceId, job.name, { deadlineMinutes: cancelMinutes }));
      }
      if (onDestroy === "delete") await deleteJob(arm, workspaceId, job.name);
      else if (!job.properties.isArchived) await setArchived(arm, workspaceId, job, true);
    }
  },
});
