import type { Outputs } from "../../providers/championModel/settle";
import { championInputs } from "./championCloud";
import { call } from "./driver";
import { TrainingCloud } from "./trainingCloud";

/** A job that really trains, so that the data and the hash come from where they are in a workspace. */
test("the champion of a real job has its data version and the hash of its inputs", async () => {
  const training = await TrainingCloud.start();
  try {
    const jobName = "tiny-0123456789";
    const job = await call(training.cloud.record, "trainingJob", "create", {
      __provider: "stub",
      workspaceId: training.workspaceId,
      baseName: "tiny",
      body: training.body(),
      forceToken: "",
      deadlineMinutes: 5,
      wait: true,
      onInterrupt: "detach",
      onFailure: "keep",
      onDestroy: "archive",
      preemptionRetries: 0,
      jobName,
    });
    expect(job.thrown).toBeUndefined();
    const inputs = championInputs(training.workspaceId, "detector", {
      jobs: [jobName],
      dataAsset: "pictures",
      dataVersion: "1",
      dataId: `${training.workspaceId}/data/pictures/versions/1`,
      perClassMinimum: { thing: 0 },
      minimumImages: 12,
      gitCommit: "c0ffee-dirty",
    });
    const { answer, thrown } = await call<Outputs>(training.cloud.record, "championModel", "create", inputs);
    expect(thrown).toBeUndefined();
    expect(answer?.outs.champion).toMatchObject({
      version: "1",
      bestChild: `${jobName}_HD_0`,
      dataVersion: "1",
      specHash: "0123456789",
      gitCommit: "c0ffee-dirty",
    });
  } finally {
    await training.remove();
  }
}, 120_000);
