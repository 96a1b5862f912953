import type { ContainerClient } from "@azure/storage-blob";
import type { TrainedModel, TrainingSettings } from "../../trainer";

/** The scoring file as AutoML writes it beside a model: the contract of an Azure ML deployment, init() and run(). */
const scoringFile = `# Scoring file of an AutoML image object detection run.
import json
import os

from azureml.contrib.services.aml_response import AMLResponse
from azureml.automl.dnn.vision.common.model_export_utils import load_model, run_inference
from azureml.automl.dnn.vision.object_detection.writers.score import _score_with_model

TASK_TYPE = "image-object-detection"
model = None


def init():
    global model
    model_path = os.path.join(os.getenv("AZUREML_MODEL_DIR"), "model.pt")
    settings = {
        "box_score_threshold": float(os.getenv("BOX_SCORE_THRESHOLD", "0.3")),
        "nms_iou_threshold": float(os.getenv("NMS_IOU_THRESHOLD", "0.5")),
    }
    model = load_model(TASK_TYPE, model_path, **settings)


def run(raw_data):
    body = json.loads(raw_data)["input_data"]
    if body.get("columns") != ["image"]:
        return AMLResponse("input_data.columns must be ['image']", 400)
    results = [json.loads(run_inference(model, image, _score_with_model)) for image in body["data"]]
    return results
`;

const condaFile = `name: project_environment
channels:
  - conda-forge
  - pytorch
dependencies:
  - python=3.10
  - pip=24.0
  - pytorch=2.6.0
  - torchvision=0.21.0
  - recordclass=0.15.1
  - pip:
      - azureml-defaults==1.60.0
      - azureml-automl-dnn-vision==1.60.0
      - azureml-contrib-services==1.60.0
`;

/**
 * What AutoML writes with output_scoring, and the local trainer always: a line of JSON a validation picture, its file by the
 * path in the datastore.
 */
function predictions({ validationDetections }: TrainedModel, pictures: readonly string[]): string {
  const lines = validationDetections.map((detections, index) =>
    JSON.stringify({
      filename: (pictures[index] ?? "").replace(/^.*\/paths(?=\/)/, ""),
      boxes: detections.map(({ label, score, ...box }) => ({ box, label, score })),
    }),
  );
  return `${lines.join("\n")}\n`;
}

/**
 * Uploads what a run of AutoML leaves under outputs/, and its log.
 * @param pictures the URLs of the validation pictures, in the order of the model's detections
 */
export async function uploadArtifacts(
  container: ContainerClient,
  prefix: string,
  runId: string,
  settings: TrainingSettings,
  model: TrainedModel,
  pictures: readonly string[],
  log: readonly string[],
): Promise<void> {
  const mlModel = `artifact_path: outputs/mlflow-model
flavors:
  python_function:
    artifacts:
      model:
        path: artifacts/model.pt
    env: conda.yaml
    loader_module: mlflow.pyfunc.model
    python_version: 3.10.16
run_id: ${runId}
`;
  const modelSettings = {
    model_name: settings.modelName,
    box_score_threshold: settings.boxScoreThreshold ?? 0.3,
    nms_iou_thresh: settings.nmsIouThreshold ?? 0.5,
  };
  const files: Record<string, string | Uint8Array> = {
    "outputs/labels.json": JSON.stringify(model.labels),
    "outputs/predictions.txt": predictions(model, pictures),
    "outputs/scoring_file_v_1_0_0.py": scoringFile,
    "outputs/conda_env_v_1_0_0.yml": condaFile,
    "outputs/mlflow-model/MLmodel": mlModel,
    "outputs/mlflow-model/conda.yaml": condaFile,
    "outputs/mlflow-model/requirements.txt": "azureml-automl-dnn-vision==1.60.0\n",
    "outputs/mlflow-model/artifacts/settings.json": JSON.stringify(modelSettings),
    "outputs/mlflow-model/artifacts/model.pt": model.weights,
    // Last, since it is the one that others wait for.
    "outputs/model.pt": model.weights,
  };
  await uploadLog(container, prefix, log);
  for (const [path, content] of Object.entries(files)) {
    await container
      .getBlockBlobClient(prefix + path)
      .uploadData(typeof content === "string" ? Buffer.from(content) : content);
  }
}

export async function uploadLog(container: ContainerClient, prefix: string, log: readonly string[]): Promise<void> {
  await container.getBlockBlobClient(`${prefix}user_logs/std_log.txt`).uploadData(Buffer.from(`${log.join("\n")}\n`));
}
