import { setTimeout as sleep } from "node:timers/promises";
import { ArmRequestError, isCredentialFailure, isTransient, type ArmClient } from "../../lib/azure/arm";
import { isTerminal, primaryMetric, TrialsReader, type Job } from "../../lib/azure/jobs";
import { TrackingClient, type TrackedRun } from "../../lib/azure/mlflow";
import { messageOf } from "../../lib/errors";
import { BestSoFar } from "./bestSoFar";
import { JobBoard } from "./jobBoard";
import { describeProgress, type CostRate } from "./progressLine";
import { monotonicClock, RequestBudget } from "./requestBudget";

const firstPollMs = 1_000;
const slowestPollMs = 30_000;
/** The service may be out of reach for so long before waiting ends with an error. */
const longestSilenceMs = 20 * 60_000;
/** It is told once it is out of reach for this long. */
const toldSilenceMs = 30_000;
/** Requests a second of all jobs of this process together. */
const requestsPerSecond = 8;
/** What reading a job's trials costs. */
const trialRequests = 2;

const budget = new RequestBudget(requestsPerSecond);
const boards = new Map<string, JobBoard>();

export interface WatchSettings {
  /** Minutes after which waiting ends with an error; the job goes on. */
  deadlineMinutes: number;
  /** What a running job may cost; absent when no price is known. */
  cost?: CostRate;
  signal?: AbortSignal;
}

export interface Ended {
  job: Job;
  trials: TrackedRun[];
}

/**
 * Waits for the end of a job and prints a line at each change: state, trials done, best metric so far, time, worst-case
 * cost. Throttling, an overloaded service and cut connections are waited out.
 * @throws Error at the deadline, when the job is gone, or when the service stays out of reach; the job goes on meanwhile
 */
export function watch(
  arm: ArmClient,
  workspaceId: string,
  jobName: string,
  { deadlineMinutes, cost, signal }: WatchSettings,
): Promise<Ended> {
  const board = boardOf(arm, workspaceId);
  const started = monotonicClock();
  let shown = "";
  let trials: TrackedRun[] = [];
  let reader: TrialsReader | undefined;
  let bestMetric = -Infinity;
  const best = new BestSoFar(async (runId) => {
    if (!budget.tryTake(1)) return undefined;
    const tracking = await TrackingClient.connect(arm, workspaceId);
    return (await tracking.metricHistory(runId, primaryMetric)).map(({ value }) => value);
  });
  let reached = false;
  let silentSince: number | undefined;
  let toldOfSilence = false;
  let pollMs = firstPollMs;

  const observe = async (): Promise<Ended | undefined> => {
    const job = await board.job(jobName);
    if (!job) {
      throw new Error(
        `Job ${jobName} is gone: it was deleted while it was being waited for. Run "pulumi up" to submit it again.`,
      );
    }
    const ended = isTerminal(job.properties.status);
    // Progress is shown when there are requests to spare; the end is told completely.
    if (ended || budget.tryTake(trialRequests)) {
      reader ??= new TrialsReader(await TrackingClient.connect(arm, workspaceId), jobName);
      trials = await reader.read();
      bestMetric = await best.of(trials);
    }
    const line = describeProgress(job, trials, bestMetric);
    if (line !== shown) {
      console.log(`Job ${jobName}: ${line}${elapsedAndCost(job, started, cost)}`);
      shown = line;
      pollMs = firstPollMs;
    }
    return ended ? { job, trials } : undefined;
  };

  return board.watching(jobName, async () => {
    for (;;) {
      let waitMs = pollMs;
      try {
        const ended = await observe();
        if (ended) return ended;
        reached = true;
        silentSince = undefined;
        toldOfSilence = false;
      } catch (error) {
        if (!isTransient(error) && !(reached && isCredentialFailure(error))) throw error;
        silentSince ??= monotonicClock();
        const silentMs = monotonicClock() - silentSince;
        if (silentMs > longestSilenceMs) throw error;
        if (silentMs > toldSilenceMs && !toldOfSilence) {
          toldOfSilence = true;
          const minutes = Math.round(longestSilenceMs / 60_000);
          console.log(
            `Job ${jobName}: out of reach (${messageOf(error)}); it goes on, and is asked for ${minutes} min more`,
          );
        }
        waitMs = Math.max(waitMs, (error instanceof ArmRequestError ? error.retryAfterMs : undefined) ?? 0);
      }
      if (monotonicClock() - started > deadlineMinutes * 60_000) {
        throw new Error(
          `Job ${jobName} has not ended after ${deadlineMinutes} minutes, the limit of training.deadlineMinutes. ` +
            'It goes on running; "pulumi up" goes on waiting for it.',
        );
      }
      await sleep(jittered(waitMs), undefined, { signal }).catch(() => {
        throw signal?.reason;
      });
      pollMs = Math.min(pollMs * 1.3, slowestPollMs);
    }
  });
}

function elapsedAndCost(job: Job, watchedSince: number, cost: CostRate | undefined): string {
  const createdAt = Date.parse(job.systemData?.createdAt ?? "");
  const watchedMs = monotonicClock() - watchedSince;
  const runningMs = Number.isNaN(createdAt) ? watchedMs : Math.max(watchedMs, Date.now() - createdAt);
  const atMost = cost ? (cost.perNodeHour * cost.nodes * runningMs) / 3_600_000 : undefined;
  return `, ${Math.round(runningMs / 1000)} s${atMost === undefined ? "" : `, at most ${atMost.toFixed(2)} USD`}`;
}

/** Waiters that began together do not stay together. */
function jittered(ms: number): number {
  return ms * (0.8 + 0.4 * Math.random());
}

function boardOf(arm: ArmClient, workspaceId: string): JobBoard {
  let board = boards.get(workspaceId);
  if (!board) boards.set(workspaceId, (board = new JobBoard(arm, workspaceId, budget)));
  return board;
}
