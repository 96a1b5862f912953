import { cancelJob } from "../../lib/azure/jobs";
import type { ArmClient } from "../../lib/azure/arm";

/** Time that the engine leaves between the signal and the end of this process. */
const graceMs = 4_000;
/** Time to answer the engine once waiting has ended. */
const answerMs = 500;

export interface Waiting {
  arm: ArmClient;
  workspaceId: string;
  jobName: string;
  onInterrupt: "detach" | "cancel";
}

const waiting = new Map<AbortController, Waiting>();

/**
 * Runs `wait` until the engine ends this process, which it does at the second Ctrl-C. Then the job goes on, or it is
 * canceled first.
 */
export async function interruptible<R>(job: Waiting, wait: (signal: AbortSignal) => Promise<R>): Promise<R> {
  const interruption = new AbortController();
  if (waiting.size === 0) for (const name of ["SIGINT", "SIGTERM"] as const) process.on(name, interrupt);
  waiting.set(interruption, job);
  try {
    return await wait(interruption.signal);
  } finally {
    waiting.delete(interruption);
    if (waiting.size === 0) for (const name of ["SIGINT", "SIGTERM"] as const) process.off(name, interrupt);
  }
}

/** All jobs that are waited for in this process end together, the canceled ones after they were asked to. */
function interrupt(): void {
  const canceled = [...waiting.values()]
    .filter(({ onInterrupt }) => onInterrupt === "cancel")
    .map(({ arm, workspaceId, jobName }) => cancelJob(arm, workspaceId, jobName));
  const end = () => {
    for (const [interruption, { jobName }] of waiting)
      interruption.abort(new Error(`Interrupted while job ${jobName} ran.`));
    setTimeout(() => process.exit(1), answerMs).unref();
  };
  setTimeout(end, graceMs).unref();
  void Promise.allSettled(canceled).then(end);
}
