import type { Cloud, Principal } from "../contracts";
import { missing } from "./errors";
import { text, type Body } from "./requests";
import type { Run, RunStore } from "./runs";

type Handle = (workspaceId: string, body: Body, principal: Principal) => unknown;

/** What the routes of tracking share. */
export interface Tracking {
  cloud: Cloud;
  runs: RunStore;
  post(path: string, handle: Handle): unknown;
  get(path: string, handle: Handle): unknown;
  /** Where a client finds the artifacts of a run. */
  artifactsOf(workspaceId: string, run: Run): string;
}

/** The run that a request names. @throws MlflowError when it is not there */
export function requireRun(runs: RunStore, workspaceId: string, body: Body): Run {
  const runId = text(body, "run_id", body.run_uuid);
  const run = runs.run(workspaceId, runId);
  if (!run) throw missing(`Run with id=${runId} not found.`);
  return run;
}
