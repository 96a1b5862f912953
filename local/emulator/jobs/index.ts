import { ArmError, type Cloud, type CloudService, type ResourceRecord } from "../contracts";
import { listedByView } from "../services/assets";
import { checkJob } from "./check";
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
      check: checkJob,
      // A job has a status in the place of a provisioning state.
      properties: ({ body, existing, id }, cloud) =>
        existing
          ? {
              ...existing.properties,
              ...body.properties,
              status: existing.properties.status,
              services: existing.properties.services,
              provisioningState: undefined,
            }
          : {
              experimentName: "Default",
              isArchived: false,
              ...body.properties,
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
      removed: (job) => runners.get(job.id.toLowerCase())?.stop(),
      listed: (job, query) =>
        listedByView(job, query) &&
        (query.jobType === undefined || job.properties.jobType === query.jobType) &&
        (query.tag === undefined || hasTag(job, query.tag)),
      actions: {
        async cancel({ record }) {
          if (isEnded(record)) return { status: 200 };
          await runners.get(record.id.toLowerCase())?.cancel();
          return { status: 202 };
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

/** `KEY` or `KEY=VALUE`. */
function hasTag(job: ResourceRecord, wanted: string): boolean {
  const [key = "", value] = wanted.split("=");
  const tags = (job.properties.tags ?? {}) as Record<string, string>;
  return key in tags && (value === undefined || tags[key] === value);
}
