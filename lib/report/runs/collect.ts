import { messageOf } from "../../errors";
import { isCredentialFailure, type ArmClient } from "../../azure/arm";
import { listTrials, primaryMetric } from "../../azure/jobs";
import { TrackingClient, type TrackedRun } from "../../azure/mlflow";
import { inParallel } from "../../parallel";
import { isFigure, perLabelFigures, type DecisionRecord } from "../../promotion";
import { bestOf, chartedMetrics, curveOf, mostMetrics } from "./curves";
import { heldOutOf, lineageOf, readJob, useOf, type JobFacts } from "./jobs";
import { findChampions, findRun, type Champion } from "./names";
import type { Collected, Curve, GateNote, ReportRun } from "./run";

export interface Question {
  arm: ArmClient;
  workspaceId: string;
  /** Ids or names of runs, `champion`, `latest`. A job stands for its trials. */
  words: readonly string[];
  experiment?: string;
  /** Model whose champion is meant; needed where several have one. */
  model?: string;
  /** USD a node and hour, in place of list prices. */
  pricePerHour?: number;
}

/** Runs that a report shows at most. */
export const mostRuns = 100;
/** Requests at once. */
const parallelRequests = 16;

/**
 * Reads all that a report tells of runs from tracking and Resource Manager.
 * @throws UserError when a word means no run, or several
 */
export async function collectRuns({ arm, workspaceId, words, pricePerHour, ...more }: Question): Promise<Collected> {
  const notes: string[] = [];
  const tracking = await TrackingClient.connect(arm, workspaceId);
  const champions = await championsOf(arm, workspaceId, more.model, words.includes("champion"), notes);
  const found = new Map<string, TrackedRun>();
  for (const word of words) {
    const run = await findRun(word, { arm, workspaceId, tracking, champions, experiment: more.experiment });
    const trials = await listTrials(tracking, run.runId);
    for (const trial of trials.length > 0 ? trials : [run]) found.set(trial.runId, trial);
  }
  const shown = mostOf([...found.values()], notes);
  const curves = await readCurves(tracking, shown, notes);
  const jobs = await readJobs(arm, workspaceId, shown, pricePerHour, notes);
  const roots = await readRoots(tracking, shown);
  const now = Date.now();
  const runs = shown.map((run): ReportRun => {
    const job = jobs.get(rootOf(run)) ?? unknownJob(rootOf(run));
    const own = curves.get(run.runId) ?? {};
    const metric = own[primaryMetric];
    const last = run.metrics[primaryMetric] ?? null;
    return {
      id: run.runId,
      name: run.name,
      championOf: champions.find(({ version }) => version.trial === run.runId)?.model,
      status: run.status,
      stopped: stoppedEarly(run, job),
      startTime: run.startTime,
      endTime: run.endTime,
      metrics: run.metrics,
      params: paramsOf(run),
      curves: own,
      best: (metric && bestOf(metric)) ?? (isFigure(last) ? { value: last, step: null } : null),
      perLabel: perLabelFigures(run.metrics),
      gate: gateOf([run, roots.get(rootOf(run))]),
      use: useOf(run, job, now),
      lineage: withModelTags(lineageOf(run, job), champions, run.runId),
      studioUrl: studioOf(run, job),
      heldOut: heldOutOf(job, workspaceId),
    };
  });
  return { workspaceId, runs, notes };
}

/** Who is the champion is worth a word beside any run; that the models cannot be read is a failure only when it was asked for. */
async function championsOf(
  arm: ArmClient,
  workspaceId: string,
  model: string | undefined,
  needed: boolean,
  notes: string[],
): Promise<Champion[]> {
  try {
    return await findChampions(arm, workspaceId, model);
  } catch (error) {
    if (needed || isCredentialFailure(error)) throw error;
    notes.push(`The workspace's models could not be read, so no run is marked as champion: ${messageOf(error)}`);
    return [];
  }
}

function mostOf(runs: TrackedRun[], notes: string[]): TrackedRun[] {
  if (runs.length <= mostRuns) return runs;
  const value = ({ metrics }: TrackedRun) => metrics[primaryMetric] ?? -Infinity;
  notes.push(`The runs have ${runs.length} trials; the ${mostRuns} best by mAP are shown.`);
  return [...runs].sort((a, b) => value(b) - value(a)).slice(0, mostRuns);
}

async function readCurves(
  tracking: TrackingClient,
  runs: readonly TrackedRun[],
  notes: string[],
): Promise<Map<string, Record<string, Curve>>> {
  const all = chartedMetrics(runs);
  const charted = all.slice(0, mostMetrics);
  if (all.length > mostMetrics)
    notes.push(`${mostMetrics} of ${all.length} metrics have a chart; left out: ${all.slice(mostMetrics).join(", ")}.`);
  const wanted = runs.flatMap((run) => charted.filter((key) => key in run.metrics).map((key) => ({ run, key })));
  const curves = new Map(runs.map(({ runId }) => [runId, {}]));
  await inParallel(wanted, parallelRequests, async ({ run, key }) => {
    const points = await tracking.metricHistory(run.runId, key);
    Object.assign(curves.get(run.runId) ?? {}, { [key]: curveOf(points) });
  });
  for (const [runId, own] of curves) curves.set(runId, withoutRepetition(own));
  return curves;
}

/** The figures of the best epoch, logged once more after the last one, are no epoch: losses have no such step. */
function withoutRepetition(curves: Record<string, Curve>): Record<string, Curve> {
  const loss = Object.entries(curves).find(([key, { steps }]) => /loss/i.test(key) && steps.length > 0)?.[1];
  const last = loss?.steps.at(-1);
  if (last === undefined) return curves;
  const cut = ({ steps, values }: Curve): Curve => {
    const end = steps.at(-1) === last + 1 && values.slice(0, -1).includes(values.at(-1) ?? NaN) ? -1 : undefined;
    return { steps: steps.slice(0, end), values: values.slice(0, end) };
  };
  return Object.fromEntries(Object.entries(curves).map(([key, curve]) => [key, cut(curve)]));
}

async function readJobs(
  arm: ArmClient,
  workspaceId: string,
  runs: readonly TrackedRun[],
  pricePerHour: number | undefined,
  notes: string[],
): Promise<Map<string, JobFacts>> {
  const jobs = new Map<string, JobFacts>();
  await inParallel(new Set(runs.map(rootOf)), parallelRequests, async (name) => {
    try {
      jobs.set(name, await readJob(arm, workspaceId, name, pricePerHour));
    } catch (error) {
      if (isCredentialFailure(error)) throw error;
      notes.push(`Job ${name} could not be read, so its data, cluster and price are not known: ${messageOf(error)}`);
    }
  });
  return jobs;
}

/** The runs of the jobs: what the gate has to say of a job without a candidate stands there. */
async function readRoots(tracking: TrackingClient, runs: readonly TrackedRun[]): Promise<Map<string, TrackedRun>> {
  const roots = new Map<string, TrackedRun>();
  const own = new Set(runs.map(({ runId }) => runId));
  await inParallel(
    [...new Set(runs.map(rootOf))].filter((name) => !own.has(name)),
    parallelRequests,
    async (name) => {
      const root = await tracking.run(name);
      if (root) roots.set(name, root);
    },
  );
  return roots;
}

function unknownJob(name: string): JobFacts {
  return { name, job: undefined, vmSize: null, pricePerHour: null, endsTrialsEarly: false };
}

function rootOf({ runId, tags }: TrackedRun): string {
  return tags["mlflow.rootRunId"] || tags["mlflow.parentRunId"]?.replace(/_HD$/, "") || runId;
}

/** A sweep's choice counts before what the run has logged of itself. */
function paramsOf({ params, tags }: TrackedRun): Record<string, string> {
  let chosen: Record<string, unknown> = {};
  try {
    chosen = JSON.parse(tags.hyperparameters ?? "{}") as Record<string, unknown>;
  } catch {
    // Somebody else's tag of that name.
  }
  // Resource Manager's names (learningRate) are tracking's in other letters (learning_rate).
  const texts = Object.entries(chosen ?? {}).map(([key, value]) => [
    key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
    typeof value === "string" ? value : JSON.stringify(value),
  ]);
  return { ...params, ...(Object.fromEntries(texts) as Record<string, string>) };
}

function stoppedEarly(
  { tags, status, runId }: TrackedRun,
  { endsTrialsEarly, status: jobStatus, name }: JobFacts,
): string | undefined {
  if (tags.early_terminated === "true") return "stopped early by the sweep's policy";
  // HyperDrive cancels what its policy ends; a job that was canceled itself canceled all of them.
  const byPolicy = status === "KILLED" && endsTrialsEarly && runId !== name && jobStatus === "Completed";
  if (byPolicy) return "stopped early by the sweep's policy";
  return status === "KILLED" ? "canceled" : undefined;
}

function gateOf(runs: readonly (TrackedRun | undefined)[]): GateNote[] {
  return runs.flatMap((run) =>
    Object.entries(run?.tags ?? {}).flatMap(([key, text]) => {
      const model = /^promotion\.(.+)$/.exec(key)?.[1];
      if (model === undefined) return [];
      try {
        return [{ ...(JSON.parse(text) as Partial<DecisionRecord>), model }];
      } catch {
        return [];
      }
    }),
  );
}

/** The commit that a model was registered from is on record with its version. */
function withModelTags(
  lineage: ReportRun["lineage"],
  champions: readonly Champion[],
  runId: string,
): ReportRun["lineage"] {
  const tags = champions.find(({ version }) => version.trial === runId)?.version.tags;
  return { ...lineage, gitCommit: lineage.gitCommit ?? tags?.git_commit ?? null };
}

function studioOf({ runId }: TrackedRun, { job, name }: JobFacts): string | undefined {
  const address = job?.properties.services?.Studio?.endpoint;
  return runId === name ? address : address?.replace(`/runs/${name}?`, `/runs/${runId}?`);
}
