import { messageOf } from "../../lib/errors";
import { ArmClient } from "../../lib/azure/arm";
import { openRunArtifacts } from "../../lib/azure/datastores";
import { compareRuns } from "../../lib/report/comparison";
import type { Outputs } from "./settle";

/** Beside what the run itself has written. */
const file = "promotion/report.html";
/** Held-out pictures of a report that somebody waits for. */
const pictures = 8;

/**
 * Compares the champion with the trials of the jobs, and keeps the page with the run of the job that was decided on last.
 * Answers the address of its blob, which takes a token to read; null where it could not be made, since a promotion does not
 * fail for want of a report.
 */
export async function writeReport({
  workspaceId,
  modelName,
  jobs,
  scheduledJobs,
  champion,
  decisions,
}: Omit<Outputs, "report">): Promise<string | null> {
  try {
    const arm = await ArmClient.connect();
    const words = [champion.bestChild, ...jobs, ...scheduledJobs];
    const { html } = await compareRuns({ arm, workspaceId, words, model: modelName }, pictures);
    const { container, prefix } = await openRunArtifacts(arm, workspaceId, decisions[0]?.job ?? champion.job);
    const blob = container.getBlockBlobClient(prefix + file);
    await blob.uploadData(Buffer.from(html), { blobHTTPHeaders: { blobContentType: "text/html; charset=utf-8" } });
    console.log(`Report: ${blob.url}`);
    return blob.url;
  } catch (error) {
    console.log(`The report of the decision could not be written: ${messageOf(error)}`);
    return null;
  }
}
