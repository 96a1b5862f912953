export { buildJobBody, type ReferenceKind, type Resolver } from "./body";
export { parseJobFiles } from "./jobFiles";
export { jobBaseName, jobHash } from "./jobName";
export { parseJob, parseJobFile } from "./parse";
export { workspaceResolver } from "./references";
export type { JobSpec, ParsedJob } from "./spec";
