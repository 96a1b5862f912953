export { buildJobBody, type Resolver } from "./body";
export { parseJobFiles } from "./jobFiles";
export { jobHash, titleOf } from "./jobName";
export { parseJob, parseJobFile } from "./parse";
export { localAssetName, parseReference, workspaceResolver, type Reference } from "./references";
export type { JobReference, JobSpec, ParsedJob, ReferenceKind } from "./spec";
