/** The four image tasks of Azure ML AutoML, as job files name them. */
export const imageTasks = [
  "image_classification",
  "image_classification_multilabel",
  "image_object_detection",
  "image_instance_segmentation",
] as const;
export type ImageTask = (typeof imageTasks)[number];

export type ParameterKind = "float" | "integer" | "boolean" | "string" | "enum";

export interface Parameter {
  /** Name in the ARM body. Not always the camel-cased YAML name: the learning-rate ones keep "LR" in capitals. */
  rest: string;
  kind: ParameterKind;
  /** Legal values of an enum, as job files write them. */
  values?: readonly string[];
  /** Lowest and highest legal number, both included. */
  range?: readonly [number, number];
  /** Tasks that know it; all when absent. */
  tasks?: readonly ImageTask[];
  /** The family of models it works with; all when absent. */
  models?: "yolov5" | "rcnn";
  /** Where it may stand, when not in both `training_parameters` and `search_space`. */
  only?: "training_parameters" | "search_space";
  /** A task that ignores it. */
  ignoredBy?: ImageTask;
}

const classification: readonly ImageTask[] = ["image_classification", "image_classification_multilabel"];
const detection: readonly ImageTask[] = ["image_object_detection", "image_instance_segmentation"];
const positive = [1, Number.MAX_SAFE_INTEGER] as const;
const notNegative = [0, Number.MAX_SAFE_INTEGER] as const;
const unit = [0, 1] as const;

/**
 * Training parameters of the image tasks by their name in job files. Names, kinds and ranges: Azure ML's "Hyperparameters
 * for computer vision tasks in automated machine learning", and the image model settings of its REST API.
 */
export const parameters: Readonly<Record<string, Parameter>> = {
  advanced_settings: { rest: "advancedSettings", kind: "string", only: "training_parameters" },
  ams_gradient: { rest: "amsGradient", kind: "boolean" },
  augmentations: { rest: "augmentations", kind: "string", only: "search_space" },
  beta1: { rest: "beta1", kind: "float", range: unit },
  beta2: { rest: "beta2", kind: "float", range: unit },
  checkpoint_frequency: { rest: "checkpointFrequency", kind: "integer", range: positive, only: "training_parameters" },
  checkpoint_run_id: { rest: "checkpointRunId", kind: "string", only: "training_parameters" },
  distributed: { rest: "distributed", kind: "boolean" },
  early_stopping: { rest: "earlyStopping", kind: "boolean" },
  early_stopping_delay: { rest: "earlyStoppingDelay", kind: "integer", range: notNegative },
  early_stopping_patience: { rest: "earlyStoppingPatience", kind: "integer", range: notNegative },
  enable_onnx_normalization: { rest: "enableOnnxNormalization", kind: "boolean" },
  evaluation_frequency: { rest: "evaluationFrequency", kind: "integer", range: positive },
  gradient_accumulation_step: { rest: "gradientAccumulationStep", kind: "integer", range: positive },
  layers_to_freeze: { rest: "layersToFreeze", kind: "integer", range: notNegative },
  learning_rate: { rest: "learningRate", kind: "float", range: unit },
  learning_rate_scheduler: { rest: "learningRateScheduler", kind: "enum", values: ["none", "warmup_cosine", "step"] },
  model_name: { rest: "modelName", kind: "string" },
  momentum: { rest: "momentum", kind: "float", range: unit },
  nesterov: { rest: "nesterov", kind: "boolean" },
  number_of_epochs: { rest: "numberOfEpochs", kind: "integer", range: positive },
  number_of_workers: { rest: "numberOfWorkers", kind: "integer", range: notNegative },
  optimizer: { rest: "optimizer", kind: "enum", values: ["none", "sgd", "adam", "adamw"] },
  random_seed: { rest: "randomSeed", kind: "integer", range: notNegative },
  step_lr_gamma: { rest: "stepLRGamma", kind: "float", range: unit },
  step_lr_step_size: { rest: "stepLRStepSize", kind: "integer", range: positive },
  training_batch_size: { rest: "trainingBatchSize", kind: "integer", range: positive },
  validation_batch_size: { rest: "validationBatchSize", kind: "integer", range: positive },
  warmup_cosine_lr_cycles: { rest: "warmupCosineLRCycles", kind: "float", range: unit },
  warmup_cosine_lr_warmup_epochs: { rest: "warmupCosineLRWarmupEpochs", kind: "integer", range: notNegative },
  weight_decay: { rest: "weightDecay", kind: "float", range: unit },

  training_crop_size: { rest: "trainingCropSize", kind: "integer", range: positive, tasks: classification },
  validation_crop_size: { rest: "validationCropSize", kind: "integer", range: positive, tasks: classification },
  validation_resize_size: { rest: "validationResizeSize", kind: "integer", range: positive, tasks: classification },
  weighted_loss: { rest: "weightedLoss", kind: "integer", range: [0, 2], tasks: classification },

  box_detections_per_image: {
    rest: "boxDetectionsPerImage",
    kind: "integer",
    range: positive,
    tasks: detection,
    models: "rcnn",
  },
  box_score_threshold: { rest: "boxScoreThreshold", kind: "float", range: unit, tasks: detection },
  image_size: { rest: "imageSize", kind: "integer", range: positive, tasks: detection, models: "yolov5" },
  log_training_metrics: {
    rest: "logTrainingMetrics",
    kind: "enum",
    values: ["enable", "disable"],
    tasks: detection,
    only: "training_parameters",
  },
  log_validation_loss: {
    rest: "logValidationLoss",
    kind: "enum",
    values: ["enable", "disable"],
    tasks: detection,
    only: "training_parameters",
  },
  max_size: { rest: "maxSize", kind: "integer", range: positive, tasks: detection, models: "rcnn" },
  min_size: { rest: "minSize", kind: "integer", range: positive, tasks: detection, models: "rcnn" },
  model_size: {
    rest: "modelSize",
    kind: "enum",
    values: ["none", "small", "medium", "large", "extra_large"],
    tasks: detection,
    models: "yolov5",
  },
  multi_scale: { rest: "multiScale", kind: "boolean", tasks: detection, models: "yolov5" },
  nms_iou_threshold: { rest: "nmsIouThreshold", kind: "float", range: unit, tasks: detection },
  tile_grid_size: { rest: "tileGridSize", kind: "string", tasks: detection, ignoredBy: "image_instance_segmentation" },
  tile_overlap_ratio: {
    rest: "tileOverlapRatio",
    kind: "float",
    range: unit,
    tasks: detection,
    ignoredBy: "image_instance_segmentation",
  },
  tile_predictions_nms_threshold: {
    rest: "tilePredictionsNmsThreshold",
    kind: "float",
    range: unit,
    tasks: detection,
    ignoredBy: "image_instance_segmentation",
  },
  validation_iou_threshold: { rest: "validationIouThreshold", kind: "float", range: unit, tasks: detection },
  validation_metric_type: {
    rest: "validationMetricType",
    kind: "enum",
    values: ["none", "coco", "voc", "coco_voc"],
    tasks: detection,
  },
};

const rcnn = (family: string) => ["18", "34", "50", "101", "152"].map((depth) => `${family}_resnet${depth}_fpn`);

/** Models that are built in. Any Hugging Face or MMDetection model is legal too, so another name is no error. */
export const knownModels: Readonly<Record<ImageTask, readonly string[]>> = {
  image_classification: classifiers(),
  image_classification_multilabel: classifiers(),
  image_object_detection: ["yolov5", ...rcnn("fasterrcnn"), "retinanet_resnet50_fpn"],
  image_instance_segmentation: rcnn("maskrcnn"),
};

function classifiers(): string[] {
  return [
    "mobilenetv2",
    ...["18", "34", "50", "101", "152"].map((depth) => `resnet${depth}`),
    ...["resnest50", "resnest101", "seresnext", "vits16r224", "vitb16r224", "vitl16r224"],
  ];
}

const classificationMetrics = [
  "auc_weighted",
  "accuracy",
  "norm_macro_recall",
  "average_precision_score_weighted",
  "precision_score_weighted",
];

/** Primary metrics of each task, the default first. */
export const primaryMetrics: Readonly<Record<ImageTask, readonly string[]>> = {
  image_classification: ["accuracy", ...classificationMetrics.filter((metric) => metric !== "accuracy")],
  image_classification_multilabel: ["iou", ...classificationMetrics],
  image_object_detection: ["mean_average_precision"],
  image_instance_segmentation: ["mean_average_precision"],
};
