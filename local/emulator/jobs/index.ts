import { batchTasks } from "../batch/batchJob";
import { ArmError, type Cloud, type CloudService, type ResourceRecord } from "../contracts";
import { workspaceOf } from "../arm/ids";
import { RunStore } from "../mlflow/runs";
import { listedByView } from "../services/assets";
import { checkJob, withPinnedData } from "./check";
import { clusters } from "./clusters";
import { jobDisturbances } from "./disturbances";
import { childId } from "./jobRuns";
import { begin, isChild, runnerOf, stopAll } from "./running";
import { isEnded, type JobStatus } from "./status";

const jobType = "Microsoft.MachineLearningServices/workspaces/jobs";

/** AutoML jobs, which really train. */
export const jobsService: CloudService = {
  name: "jobs",
  behaviours: [
    {
      type: jobType,
      coverage: { gaps: { PUT: "AutoML image object detection; other jobs are refused with 501" } },
      check: checkJob,
      // A job has a status in the place of a provisioning state.
      properties: (request, cloud) => {
        const { existing, id } = request;
        const properties = withPinnedData(request, cloud);
        return existing
          ? {
              ...existing.properties,
              ...properties,
              tags: { ...serviceTags(existing), ...(properties.tags as object | undefined) },
              properties: {
                ...(existing.properties.properties as object | undefined),
                ...(properties.properties as object | undefined),
              },
              status: existing.properties.status,
              services: existing.properties.services,
              provisioningState: undefined,
            }
          : {
              experimentName: "Default",
              isArchived: false,
              ...properties,
              status: "NotStarted" satisfies JobStatus,
              provisioningState: undefined,
              services: {
                Tracking: {
                  jobServiceType: "Tracking",
                  endpoint: `azureml://${new URL(cloud.url).host}/mlflow/v1.0${id.replace(/\/jobs\/[^/]+$/, "")}`,
                },
                Studio: {
                  jobServiceType: "Studio",
                  endpoint: `${cloud.url}/runs/${id.split("/").at(-1)}?wsid=${id.replace(/\/jobs\/[^/]+$/, "")}`,
                },
              },
            };
      },
      afterPut(job, created, cloud) {
        // One that was not seen to have ended because the end and this PUT crossed ends once more.
        if (created || (!isChild(job) && !isEnded(job.properties.status) && !runnerOf(job))) begin(job, cloud);
      },
      beforeDelete(job) {
        if (isChild(job)) throw new ArmError(409, "UserError", `'${job.name}' is deleted with its job.`);
        if (!isEnded(job.properties.status))
          throw new ArmError(
            409,
            "UserError",
            `Job '${job.name}' is ${String(job.properties.status)}; cancel it before it is deleted.`,
          );
      },
      async removed(job, cloud) {
        if (isChild(job)) return;
        runnerOf(job)?.stop();
        for (const child of childrenOf(job, cloud)) await cloud.resources.remove(child.id);
        await batchTasks(cloud).remove(job.id);
        await new RunStore(cloud.store).forgetJob(workspaceOf(job.id), job.name);
      },
      listed: (job, query) =>
        // Children are found by their names, or through MLflow.
        !isChild(job) &&
        listedByView(job, query) &&
        (query.jobType === undefined || job.properties.jobType === query.jobType) &&
        (query.tag === undefined || hasTag(job, query.tag)),
      actions: {
        async cancel({ record, query }, cloud) {
          if (isEnded(record.properties.status)) return { status: 200 };
          const runner = runnerOf(record);
          const isTrial = isChild(record) && record.properties.jobType !== "Sweep";
          if (!isTrial) await runner?.cancel();
          else if (!runner?.endTrial(record.name, { kind: "canceled" })) return { status: 200 };
          // Clients that follow the operation want to know where.
          const location = `${cloud.url}${record.id}?${new URLSearchParams(query).toString()}`;
          return { status: 202, headers: { location } };
        },
      },
    },
  ],
  async start(cloud) {
    for (const job of cloud.resources.listAll(jobType))
      if (!isChild(job) && !isEnded(job.properties.status)) begin(job, cloud);
  },
  async stop() {
    stopAll();
    clusters.stop();
  },
  disturbances: (cloud) => jobDisturbances(cloud, runnerOf),
};

function childrenOf(job: ResourceRecord, cloud: Cloud): ResourceRecord[] {
  return cloud.resources
    .list(workspaceOf(job.id), jobType)
    .filter((other) => isChild(other) && childId(other.id, job.name).toLowerCase() === job.id.toLowerCase())
    .filter((other) => (other.properties.tags as Record<string, string>)["mlflow.rootRunId"] === job.name);
}

/** What the service itself has written to the tags; a client that sends its own does not remove it. */
function serviceTags({ properties }: ResourceRecord): Record<string, string> {
  const tags = (properties.tags ?? {}) as Record<string, string>;
  return Object.fromEntries(
    Object.entries(tags).filter(([name]) => /^(automl_best_child_run_id$|azureml\.)/.test(name)),
  );
}

/** `KEY` or `KEY=VALUE`. */
function hasTag(job: ResourceRecord, wanted: string): boolean {
  const [key = "", value] = wanted.split("=");
  const tags = (job.properties.tags ?? {}) as Record<string, string>;
  return key in tags && (value === undefined || tags[key] === value);
}
