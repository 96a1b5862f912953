export { best, bestTrial, type Candidate, type TrialTags } from "./candidates";
export { compareVersions, decide, type Champion, type Decision, type GateRules } from "./gate";
