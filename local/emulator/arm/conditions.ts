import type { IncomingHttpHeaders } from "node:http";
import { ArmError, type ResourceRecord } from "../contracts";

/** @throws ArmError 412 when If-Match or If-None-Match does not hold */
export function checkConditions(record: ResourceRecord | undefined, headers: IncomingHttpHeaders): void {
  const wanted = headers["if-match"];
  const unwanted = headers["if-none-match"];
  const holds =
    (wanted === undefined || (record !== undefined && (wanted === "*" || wanted === record.etag))) &&
    (unwanted === undefined || record === undefined || (unwanted !== "*" && unwanted !== record.etag));
  if (!holds) {
    throw new ArmError(
      412,
      "PreconditionFailed",
      "The condition specified by the ETag is not satisfied: the resource has changed or does not exist.",
    );
  }
}
