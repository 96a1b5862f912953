import { ArmError } from "../contracts";

/** An early-termination policy as the body of a job has it. */
export interface Policy {
  policyType?: string;
  evaluationInterval?: number;
  delayEvaluation?: number;
  slackFactor?: number;
  slackAmount?: number;
  truncationPercentage?: number;
}

/**
 * The ranges of Azure ML: https://learn.microsoft.com/azure/machine-learning/reference-yaml-job-sweep#early-termination-policies
 * @throws ArmError 400
 */
export function checkPolicy(policy: Policy | undefined): void {
  if (!policy) return;
  const refuse = (name: keyof Policy, wanted: string) => {
    const target = `properties.taskDetails.sweepSettings.earlyTermination.${name}`;
    throw new ArmError(400, "UserError", `${name} is ${policy[name] ?? "missing"}; it must be ${wanted}.`, target);
  };
  const { policyType = "" } = policy;
  // Clients send 0, the default of the specification, where they have no interval.
  for (const name of ["evaluationInterval", "delayEvaluation"] as const) {
    const reports = policy[name] ?? 0;
    if (!Number.isInteger(reports) || reports < 0) refuse(name, "a whole number from 0");
  }
  switch (policyType.toLowerCase()) {
    case "bandit": {
      const { slackFactor = 0, slackAmount = 0 } = policy;
      if (slackFactor < 0 || (slackFactor > 0 && slackAmount > 0))
        refuse("slackFactor", "above 0, without a slackAmount");
      if (slackAmount < 0 || slackFactor + slackAmount === 0)
        refuse("slackAmount", "above 0, unless there is a slackFactor");
      return;
    }
    case "truncationselection": {
      const { truncationPercentage: share = 0 } = policy;
      if (!Number.isInteger(share) || share < 1 || share > 99)
        refuse("truncationPercentage", "a whole number from 1 to 99");
    }
  }
}

/** The primary metric of each trial, one value for each time that it was reported. */
export type Histories = ReadonlyMap<string, readonly number[]>;

/**
 * Whether a policy ends a trial after its latest report. Intervals count reports; a policy decides at every multiple of its
 * interval that is not below its delay. The metric is to be maximized.
 * @see https://learn.microsoft.com/azure/machine-learning/how-to-tune-hyperparameters#early-termination
 */
export function shouldStop(policy: Policy | undefined, trial: string, histories: Histories): boolean {
  const own = histories.get(trial) ?? [];
  const interval = Math.max(1, policy?.evaluationInterval ?? 1);
  if (
    !policy?.policyType ||
    own.length === 0 ||
    own.length < (policy.delayEvaluation ?? 0) ||
    own.length % interval !== 0
  )
    return false;
  const others = [...histories].filter(([name]) => name !== trial).map(([, history]) => history);
  const bestOf = (history: readonly number[], reports: number) => Math.max(-Infinity, ...history.slice(0, reports));
  const ownBest = bestOf(own, own.length);
  switch (policy.policyType.toLowerCase()) {
    case "bandit": {
      // A trial that is behind in time is compared with what the leader had by then.
      const leader = Math.max(ownBest, ...others.map((history) => bestOf(history, own.length)));
      if (policy.slackFactor) return ownBest < leader / (1 + policy.slackFactor);
      return policy.slackAmount ? ownBest < leader - policy.slackAmount : false;
    }
    case "medianstopping": {
      // Of all trials, this one included.
      const averages = [own, ...others]
        .filter((history) => history.length > 0)
        .map((history) => mean(history.slice(0, own.length)));
      return ownBest < median(averages);
    }
    case "truncationselection": {
      const peers = others
        .filter((history) => history.length >= own.length)
        .map((history) => bestOf(history, own.length));
      const ranked = [...peers, ownBest].sort((a, b) => a - b);
      const cut = Math.floor((ranked.length * (policy.truncationPercentage ?? 0)) / 100);
      return cut > 0 && ownBest < ranked[cut];
    }
    default:
      return false;
  }
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}
