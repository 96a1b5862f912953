import { randomUUID } from "node:crypto";
import { createWriteStream } from "node:fs";
import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { ArmError, type Cloud, type Principal } from "../contracts";
import { locate } from "../services/assets";
import type { Thresholds } from "../../trainer";

/** The thresholds that a deployment sets for its scoring file; the model's own where it sets none. */
export function thresholdsOf(environmentVariables: Record<string, string> = {}): Thresholds {
  const threshold = (name: string) =>
    environmentVariables[name] === undefined ? undefined : Number(environmentVariables[name]);
  return {
    boxScoreThreshold: threshold("BOX_SCORE_THRESHOLD"),
    nmsIouThreshold: threshold("NMS_IOU_THRESHOLD"),
  };
}

/**
 * Downloads a registered model's weights to a file, which the caller removes.
 * @throws ArmError when they are not there, or the identity may not read them
 */
export async function fetchModel(modelId: string, principal: Principal, cloud: Cloud): Promise<string> {
  const model = cloud.resources.get(modelId);
  const place = model && locate(String(model.properties.modelUri), cloud);
  if (!model || !place)
    throw new ArmError(400, "UserError", `The model '${modelId}' was not found.`, "properties.model");
  await mkdir(cloud.workFolder, { recursive: true, mode: 0o700 });
  const file = join(cloud.workFolder, `${randomUUID()}.model.pt`);
  const isMlflow = model.properties.modelType === "mlflow_model";
  const folder = place.path.replace(/\/$/, "");
  // An MLflow model is a folder, with the weights among its artifacts.
  const path = isMlflow ? `${folder}/artifacts/model.pt` : place.path;
  const container = cloud.container(place.account, place.container, principal);
  const blob = container.getBlobClient(path);
  try {
    if (isMlflow && !(await container.getBlobClient(`${folder}/MLmodel`).exists()))
      throw new ArmError(400, "UserError", `The MLflow model '${model.name}' has no file MLmodel.`, "properties.model");
    const { readableStreamBody } = await blob.download();
    if (readableStreamBody) await pipeline(readableStreamBody, createWriteStream(file, { mode: 0o600 }));
  } catch (error) {
    await rm(file, { force: true });
    if (error instanceof ArmError) throw error;
    const { code } = error as { code?: unknown };
    if (code === "AuthorizationPermissionMismatch") throw withoutRole(code, principal, place.account);
    if (code !== "BlobNotFound") throw error;
    throw new ArmError(400, "UserError", `The model '${model.name}' has no weights at '${path}'.`, "properties.model");
  }
  return file;
}

/**
 * What users meet whose endpoint has no role on the storage account:
 * https://learn.microsoft.com/azure/machine-learning/how-to-troubleshoot-online-endpoints#authorization-error
 */
function withoutRole(code: string, { name, objectId }: Principal, account: string): ArmError {
  return new ArmError(
    403,
    code,
    `Authorization error: the identity '${name}' with object id '${objectId}' cannot download the model. ErrorCode:${code}. This request is not authorized to perform this operation using this permission. Assign it the role Storage Blob Data Reader on the storage account '${account}'.`,
  );
}
