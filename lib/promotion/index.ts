export {
  dataText,
  isFigure,
  perLabelFigures,
  rankTrials,
  sameData,
  specHashOf,
  type Candidate,
  type DataVersion,
  type NamedBest,
  type Trial,
} from "./candidates";
export { gitCommit } from "./checkout";
export { decide, foremost, type Contest, type Judgement } from "./decide";
export { distinctFigures, roundedFigure } from "./figures";
export { judge, type Champion, type GateRules, type Verdict } from "./gate";
export { appendDecisions, isRepeated, mostDecisions, type DecisionRecord } from "./history";
export {
  championOf,
  compareVersions,
  lastPromoted,
  nextVersion,
  pastChampions,
  promotionTime,
  type VersionRecord,
} from "./versions";
export {
  listVersions,
  readVersion,
  type ModelProperties,
  type ModelTags,
  type ModelType,
  type ModelVersion,
} from "./modelVersion";
export { sharedChampion, sharingTag } from "./sharing";
