export type { PlatformFacts } from "./platform";
export { trainingOf, type Training } from "./training";
export { upSummary, type UpFacts } from "./ofUp";
export { eventLogEnvironment, withEventLog } from "./eventLog";
export { readUp, type UpRecord } from "./upRecord";

/** In the environment of the engine: the program leaves the summary to the command that runs it. */
export const summaryByCommand = "SUMMARY_BY_COMMAND";
