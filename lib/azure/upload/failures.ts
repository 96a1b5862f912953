import { retryAfterMs } from "../../retryAfter";
import type { sdk } from "../sdk";
import type { Busy } from "./adaptiveLimit";

const busyStatus = new Set([429, 503]);
const passingStatus = new Set([408, 500, 502, 503, 504, 429]);
/** Of the connection; a wrong certificate is no such thing, it stays wrong. */
const passingCodes = new Set([
  "ECONNREFUSED",
  "ECONNRESET",
  "EAI_AGAIN",
  "ENETUNREACH",
  "EHOSTUNREACH",
  "EPIPE",
  "ETIMEDOUT",
  "ERR_STREAM_PREMATURE_CLOSE",
  "REQUEST_SEND_ERROR",
]);

/** What a failed request says of the service's load; undefined when it says nothing. One that took too long says enough. */
export function busyOf(error: unknown): Busy | undefined {
  if (error instanceof Error && error.name === "AbortError") return { retryAfterMs: 0 };
  if (!isRestError(error) || !busyStatus.has(error.statusCode ?? 0)) return undefined;
  return { retryAfterMs: retryAfterMs((name) => error.response?.headers.get(name)) ?? 0 };
}

/** Whether the same request can succeed a moment later. */
export function isPassing(error: unknown): boolean {
  if (!isRestError(error)) return false;
  if (error.statusCode === undefined) return passingCodes.has(causeOf(error)) || passingCodes.has(error.code ?? "");
  return passingStatus.has(error.statusCode) || isDamaged(error);
}

/** Whether a role that was assigned a moment ago has not reached the storage service. */
export function isMissingRight(error: unknown): boolean {
  return isRestError(error) && error.code === "AuthorizationPermissionMismatch";
}

export function isContainerMissing(error: unknown): boolean {
  return isRestError(error) && error.code === "ContainerNotFound";
}

/** What arrived is not what was sent. Azurite says so in words only. */
function isDamaged({ statusCode, code, message }: { statusCode?: number; code?: string; message: string }): boolean {
  return statusCode === 400 && (code === "Md5Mismatch" || /contentMD5 doesn't match/.test(message));
}

function causeOf(error: Error): string {
  const { cause } = error as { cause?: { code?: string } };
  return cause?.code ?? "";
}

export function isRestError(error: unknown): error is InstanceType<typeof sdk.blobs.RestError> {
  return error instanceof Error && error.name === "RestError";
}
