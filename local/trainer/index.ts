export { loadDetector, type Detector, type Thresholds } from "./detector";
export { train, type TrainingInput } from "./train";
export type {
  Box,
  Detection,
  EpochReport,
  Example,
  GroundTruthBox,
  LabelFigures,
  TrainedModel,
  TrainingSettings,
  Validation,
} from "./types";
