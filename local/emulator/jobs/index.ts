import { ArmError, type Cloud, type CloudService, type ResourceRecord } from "../contracts";
import { workspaceOf } from "../arm/ids";
import { RunStore } from "../mlflow/runs";
import { listedByView } from "../services/assets";
import { checkJob, withPinnedData } from "./check";
import { JobRunner, NodeBudget } from "./runner";

const jobType = "Microsoft.MachineLearningServices/workspaces/jobs";
const endedStates = new Set(["Completed", "Failed", "Canceled"]);

const runners = new Map<string, JobRunner>();
let nodes: NodeBudget | undefined;

function begin(job: ResourceRecord, cloud: Cloud): void {
  nodes ??= new NodeBudget((computeId) => {
    const { properties } = (cloud.resources.get(computeId)?.properties ?? {}) as {
      properties?: { scaleSettings?: { maxNodeCount?: number } };
    };
    return properties?.scaleSettings?.maxNodeCount ?? 1;
  });
  const runner = new JobRunner(job, cloud, nodes);
  runners.set(job.id.toLowerCase(), runner);
  void runner.run().finally(() => runners.delete(job.id.toLowerCase()));
}

function isEnded(job: ResourceRecord): boolean {
  return endedStates.has(String(job.properties.status));
}

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
              status: "NotStarted",
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
        if (created) begin(job, cloud);
      },
      beforeDelete(job) {
        if (!isEnded(job))
          throw new ArmError(
            409,
            "UserError",
            `Job '${job.name}' is ${String(job.properties.status)}; cancel it before it is deleted.`,
          );
      },
      async removed(job, cloud) {
        runners.get(job.id.toLowerCase())?.stop();
        await new RunStore(cloud.store).forgetJob(workspaceOf(job.id), job.name);
      },
      listed: (job, query) =>
        listedByView(job, query) &&
        (query.jobType === undefined || job.properties.jobType === query.jobType) &&
        (query.tag === undefined || hasTag(job, query.tag)),
      actions: {
        async cancel({ record, query }, cloud) {
          if (isEnded(record)) return { status: 200 };
          await runners.get(record.id.toLowerCase())?.cancel();
          // Clients that follow the operation want to know where.
          const location = `${cloud.url}${record.id}?${new URLSearchParams(query).toString()}`;
          return { status: 202, headers: { location } };
        },
      },
    },
  ],
  async start(cloud) {
    for (const job of cloud.resources.listAll(jobType)) if (!isEnded(job)) begin(job, cloud);
  },
  async stop() {
    for (const runner of runners.values()) runner.stop();
  },
};

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
