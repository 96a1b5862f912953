import { workspaceOf } from "../arm/ids";
import type { Cloud, ResourceRecord } from "../contracts";
import { dataIdOf, type JobBody } from "./check";
import type { TrialOrder } from "./messages";
import type { Sample } from "./sampler";

const defaultValidationShare = 0.2;

/** What the process of a trial is to do. @throws ArmError when its data is gone */
export function orderOf(job: ResourceRecord, runId: string, sample: Sample, cloud: Cloud): TrialOrder {
  const { taskDetails } = job.properties as unknown as JobBody;
  const data = (part: "trainingData" | "validationData") => {
    const given = taskDetails[part];
    return given && dataIdOf(cloud, job.id, given.uri, part);
  };
  return {
    workspaceId: workspaceOf(job.id),
    runId,
    trainingData: data("trainingData") ?? "",
    validationData: data("validationData"),
    validationShare: taskDetails.validationDataSize ?? defaultValidationShare,
    labelColumn: taskDetails.targetColumnName ?? "label",
    settings: { modelName: "yolov5", ...taskDetails.modelSettings, ...sample },
  };
}
