import type { Job } from "../../lib/azure/jobs";
import type { DataVersion } from "../../lib/promotion";

export interface ValidationData {
  data: DataVersion;
  /** ARM id of the data asset's version; undefined where the data is no asset of the workspace. */
  id?: string;
}

/** Of the service, for jobs that name no validation data. */
const defaultShare = 0.2;

interface TaskDetails {
  trainingData?: { uri?: string };
  validationData?: { uri?: string };
  validationDataSize?: number;
}

/**
 * The data that a job's trials were measured on. A job without validation data measures on a share of its training data,
 * which is other data than any asset; a run that no AutoML job is known of counts as measured on the stack's.
 */
export function validationOf(job: Job | undefined, stack: ValidationData, workspaceId: string): ValidationData {
  const details = job?.properties.taskDetails as TaskDetails | undefined;
  if (!details) return stack;
  const { trainingData, validationData, validationDataSize = defaultShare } = details;
  if (validationData?.uri) return referredTo(validationData.uri, workspaceId);
  const { data } = referredTo(trainingData?.uri ?? "", workspaceId);
  return { data: { ...data, version: `${data.version}, a share of ${validationDataSize}` } };
}

/** From an ARM id, `azureml:NAME:VERSION`, or any other place, which stands for itself. */
function referredTo(uri: string, workspaceId: string): ValidationData {
  const [, asset, version] =
    /\/data\/([^/]+)\/versions\/([^/]+)$/.exec(uri) ?? /^azureml:([^:/@]+):([^:/@]+)$/.exec(uri) ?? [];
  if (asset === undefined || version === undefined) return { data: { version: uri } };
  const ofWorkspace = `${workspaceId}/data/${asset}/versions/${version}`;
  return { data: { asset, version }, id: uri.startsWith("/subscriptions/") ? uri : ofWorkspace };
}
