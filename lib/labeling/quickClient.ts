import { LabelStudioClient } from "./client";
import { labelingConnection, type StudioAddress } from "./connection";

/** For what a plan asks of Label Studio: two tries and short waits, since it does without an answer. @throws UserError as the connection */
export function quickClient(address: StudioAddress): LabelStudioClient {
  return new LabelStudioClient(labelingConnection(address), { tries: 2, requestMs: 30_000, longestWaitMs: 5_000 });
}
