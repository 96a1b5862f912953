import { ArmError, type Cloud, type Disturbances, type ResourceRecord } from "../contracts";
import { clusters, isLowPriority } from "./clusters";
import type { Runner } from "./running";

const ml = "Microsoft.MachineLearningServices/workspaces";

/**
 * What a test can do to jobs and their nodes.
 * @param runnerOf runs a job, or that of which the job is a trial
 */
export function jobDisturbances(
  cloud: Cloud,
  runnerOf: (job: ResourceRecord) => Runner | undefined,
): Pick<Disturbances, "preempt" | "failTrial"> {
  return {
    async preempt(target, requeue) {
      const { compute, runsHere, node } =
        "job" in target ? nodesOfJob(cloud, target.job) : nodesOfCompute(cloud, target);
      if (!isLowPriority(compute)) {
        throw new ArmError(
          409,
          "NotPreemptible",
          `Azure takes nodes of low-priority clusters alone, and '${compute.name}' is Dedicated. Make it with vmPriority LowPriority, or fail a trial with POST /local/fail.`,
        );
      }
      const cluster = clusters.of(compute.id, cloud);
      const present = cluster.present().filter(({ id, run }) => (node ? id === node : runsHere(run)));
      const taken = node || "job" in target ? present : present.slice(0, 1);
      if (taken.length === 0)
        throw new ArmError(409, "NoNode", `There is no such node of '${compute.name}' now; nothing is preempted.`);
      cluster.preempt(
        taken.map(({ id }) => id),
        requeue,
      );
      return { value: taken.map(({ id, run }) => ({ node: id, run })) };
    },

    async failTrial(name, error) {
      const job = jobOf(cloud, name);
      if (runnerOf(job)?.endTrial(job.name, { kind: "failed", reason: error })) return { trial: job.name };
      throw new ArmError(409, "NotRunning", `'${name}' is no trial that runs or waits for a node now.`);
    },
  };
}

interface Nodes {
  compute: ResourceRecord;
  runsHere: (run: string | undefined) => boolean;
  node?: string;
}

function nodesOfJob(cloud: Cloud, name: string): Nodes {
  const job = jobOf(cloud, name);
  const compute = cloud.resources.get(String(job.properties.computeId));
  if (!compute) throw new ArmError(409, "NotPreemptible", `Job '${name}' runs on no cluster.`);
  // The job itself, its sweep or one of its trials.
  const runsHere = (run: string | undefined) => run === job.name || (run?.startsWith(`${job.name}_`) ?? false);
  return { compute, runsHere };
}

/** One that runs something, when there is one. */
function nodesOfCompute(cloud: Cloud, { compute: name, node }: { compute: string; node?: string }): Nodes {
  const compute = found(cloud, `${ml}/computes`, name);
  const busy = clusters
    .of(compute.id, cloud)
    .present()
    .some(({ run }) => run !== undefined);
  return { compute, runsHere: (run) => !busy || run !== undefined, node };
}

function jobOf(cloud: Cloud, name: string): ResourceRecord {
  return found(cloud, `${ml}/jobs`, name);
}

/** By id or by name. */
function found(cloud: Cloud, type: string, name: string): ResourceRecord {
  const wanted = name.toLowerCase();
  const record = cloud.resources
    .listAll(type)
    .find((candidate) => candidate.id.toLowerCase() === wanted || candidate.name.toLowerCase() === wanted);
  if (!record) throw new ArmError(404, "NotFound", `There is no '${name}' of type '${type}'.`);
  return record;
}
