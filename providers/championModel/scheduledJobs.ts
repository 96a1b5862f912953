import { ArmClient } from "../../lib/azure/arm";
import { isTerminal, jobPages, scheduleTag, type Job } from "../../lib/azure/jobs";
import { containsUnknown } from "../lifecycle";
import type { Inputs } from "./settle";

/**
 * The latest ended jobs of the schedule, by which the next `up` sees that there is something to decide. What the workspace
 * cannot be asked is as it was: the deployment itself will say why.
 */
export async function scheduledJobs(inputs: Inputs, before: Inputs | undefined): Promise<string[]> {
  const { schedule, workspaceId } = inputs;
  if (!schedule) return [];
  const known = before?.scheduledJobs ?? [];
  if (containsUnknown([schedule, workspaceId])) return known;
  try {
    const ended: Job[] = [];
    for await (const page of jobPages(await ArmClient.connect(), workspaceId, { tag: scheduleTag }))
      ended.push(
        ...page.filter(
          ({ properties: { tags, status } }) => tags?.[scheduleTag] === schedule.name && isTerminal(status),
        ),
      );
    return ended
      .sort((a, b) => madeAt(b) - madeAt(a))
      .slice(0, schedule.candidates)
      .map(({ name }) => name);
  } catch {
    return known;
  }
}

function madeAt({ systemData }: Job): number {
  return Date.parse(systemData?.createdAt ?? "") || 0;
}
