import { messageOf } from "../../../lib/errors";
import { ArmClient } from "../../../lib/azure/arm";
import { openRunArtifacts } from "../../../lib/azure/datastores";
import { TrackingClient } from "../../../lib/azure/mlflow";
import { train, type EpochReport } from "../../trainer";
import { uploadArtifacts, uploadLog } from "./artifacts";
import { readDataset, type DatasetExample } from "./dataset";
import type { EpochAnswer, TrialMessage, TrialOrder } from "./messages";

/**
 * The process of one trial. It reaches the cloud as any client does, by HTTP and with a token, and ends with its parent: the
 * channel between them closes when the cloud is killed.
 */
process.on("disconnect", () => process.exit(1));

const heartbeatMs = 1_000;
setInterval(() => say({ kind: "alive" }), heartbeatMs).unref();

function say(message: TrialMessage): void {
  process.send?.(message);
}

/** Reports an epoch, and waits for what the sweep decides. */
function ask(message: TrialMessage): Promise<EpochAnswer> {
  return new Promise((resolve) => {
    process.once("message", (answer) => resolve(answer as EpochAnswer));
    say(message);
  });
}

async function run(order: TrialOrder): Promise<void> {
  const { workspaceId, runId, settings } = order;
  const arm = await ArmClient.connect();
  const log: string[] = [`Run ${runId}`, `Settings ${JSON.stringify(settings)}`];
  try {
    await runLogged(order, arm, log);
  } catch (error) {
    log.push(error instanceof Error ? (error.stack ?? error.message) : String(error));
    // The reason is told by other ways as well, so that a log that cannot be kept hides nothing.
    await openRunArtifacts(arm, workspaceId, runId)
      .then(({ container, prefix }) => uploadLog(container, prefix, log))
      .catch(() => {});
    throw error;
  }
}

async function runLogged(order: TrialOrder, arm: ArmClient, log: string[]): Promise<void> {
  const { workspaceId, runId, settings } = order;
  const tracking = await TrackingClient.connect(arm, workspaceId);
  await tracking.log(runId, {
    params: Object.fromEntries(Object.entries(settings).map(([name, value]) => [snake(name), String(value)])),
    tags: { model_name: settings.modelName },
  });
  const { training, validation } = await readData(arm, order);
  log.push(`Training on ${training.length} images, validating on ${validation.length}`);

  const started = Date.now();
  let lastEpoch = 0;
  let beatAt = 0;
  const model = await train({
    training,
    validation,
    settings,
    // An epoch does not return to the event loop, so that nothing else could say that the trial lives.
    onStep() {
      if (Date.now() - beatAt < heartbeatMs) return;
      beatAt = Date.now();
      say({ kind: "alive" });
    },
    async onEpoch(report) {
      lastEpoch = report.epoch;
      log.push(
        `Epoch ${report.epoch}: loss ${report.trainingLoss.toFixed(4)}${report.validation ? `, mAP ${report.validation.meanAveragePrecision.toFixed(4)}` : ""}`,
      );
      await tracking.log(runId, { metrics: metricsOf(report) });
      return ask({ kind: "epoch", epoch: report.epoch, metric: report.validation?.meanAveragePrecision });
    },
  });
  log.push(
    `Best epoch ${model.bestEpoch}: mAP ${model.best.meanAveragePrecision.toFixed(4)}, ${((Date.now() - started) / 1000).toFixed(1)} s`,
  );
  say({ kind: "finalizing" });
  const { container, prefix } = await openRunArtifacts(arm, workspaceId, runId);
  const pictures = validation.map(({ url }) => url);
  await uploadArtifacts(container, prefix, runId, settings, model, pictures, log);
  // The model is that of the best epoch, so the run's figures are as well.
  await tracking.log(runId, {
    metrics: figures(model.best, lastEpoch + 1),
    tags: { best_epoch: String(model.bestEpoch) },
  });
  say({ kind: "done", metric: model.best.meanAveragePrecision, epoch: model.bestEpoch });
}

async function readData(arm: ArmClient, { trainingData, validationData, validationShare, labelColumn }: TrialOrder) {
  const all = await readDataset(arm, trainingData, labelColumn);
  if (validationData) return { training: all, validation: await readDataset(arm, validationData, labelColumn) };
  const every = Math.max(2, Math.round(1 / validationShare));
  const isValidation = (_: DatasetExample, index: number) => index % every === every - 1;
  return {
    training: all.filter((example, index) => !isValidation(example, index)),
    validation: all.filter(isValidation),
  };
}

function metricsOf({ epoch, trainingLoss, losses, validation }: EpochReport) {
  const own = [
    { key: "train_loss", value: trainingLoss, step: epoch },
    ...Object.entries(losses)
      .filter(([name]) => name !== "total")
      .map(([name, value]) => ({ key: `${name}_loss`, value, step: epoch })),
  ];
  return validation ? [...own, ...figures(validation, epoch)] : own;
}

function figures(validation: NonNullable<EpochReport["validation"]>, step: number) {
  const { meanAveragePrecision, precision, recall, perLabel } = validation;
  return [
    { key: "mean_average_precision", value: meanAveragePrecision, step },
    { key: "precision", value: precision, step },
    { key: "recall", value: recall, step },
    ...Object.entries(perLabel).map(([label, { averagePrecision }]) => ({
      key: `per_label_metrics.${label}.average_precision`,
      value: averagePrecision,
      step,
    })),
  ];
}

function snake(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

process.once("message", (order) => {
  run(order as TrialOrder)
    .catch((error: unknown) => say({ kind: "failed", reason: messageOf(error) }))
    .finally(() => process.disconnect());
});
