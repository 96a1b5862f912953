import { cancelJob } from "../../lib/azure/jobs";
import type { ArmClient } from "../../lib/azure/arm";

/** Time that the engine leaves between the signal and the end of this process. */
const graceMs = 4_000;

/**
 * Runs `wait` until the engine ends this process, which it does at the second Ctrl-C. Then the job goes on, or it is
 * canceled first.
 */
export async function interruptible<R>(
  { arm, workspaceId, jobName, onInterrupt }: Waiting,
  wait: (signal: AbortSignal) => Promise<R>,
): Promise<R> {
  const interruption = new AbortController();
  const interrupt = () => {
    const canceled = onInterrupt === "cancel" ? cancelJob(arm, workspaceId, jobName) : Promise.resolve();
    const end = () => {
      interruption.abort(new Error(`Interrupted while job ${jobName} ran.`));
      setTimeout(() => process.exit(1), 500).unref();
    };
    setTimeout(end, graceMs).unref();
    canceled.then(end, end);
  };
  for (const name of ["SIGINT", "SIGTERM"] as const) process.once(name, interrupt);
  try {
    return await wait(interruption.signal);
  } finally {
    for (const name of ["SIGINT", "SIGTERM"] as const) process.off(name, interrupt);
  }
}

export interface Waiting {
  arm: ArmClient;
  workspaceId: string;
  jobName: string;
  onInterrupt: "detach" | "cancel";
}
