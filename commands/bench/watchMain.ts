import { ArmClient, apiVersions } from "../../lib/azure/arm";
import { jobId } from "../../lib/azure/jobs";
import { watch } from "../../providers/trainingJob/watch";

/**
 * Submits jobs that wait for one node and watches them all for a while, as one provider process does:
 * `watchMain.ts WORKSPACE_ID DATA_ID JOBS SECONDS`. Prints the requests that the watching made and how long they lasted.
 */
async function main([workspaceId = "", dataId = "", jobs = "0", seconds = "0"]: string[]): Promise<void> {
  const arm = await ArmClient.connect();
  const computeId = `${workspaceId}/computes/bench`;
  await arm.put(computeId, apiVersions.machineLearning, {
    location: "eastus2",
    properties: {
      computeType: "AmlCompute",
      properties: { vmSize: "Standard_NC4as_T4_v3", scaleSettings: { minNodeCount: 0, maxNodeCount: 1 } },
    },
  });
  const names = Array.from({ length: Number(jobs) }, (_, index) => `bench-${index}`);
  await inParallel(names, 16, (name) =>
    arm.put(jobId(workspaceId, name), apiVersions.machineLearning, { properties: bodyOf(computeId, dataId) }),
  );

  let requests = 0;
  const request = arm.request.bind(arm);
  arm.request = (...given) => {
    requests++;
    return request(...given);
  };
  console.log = () => {};
  const started = Date.now();
  const end = AbortSignal.timeout(Number(seconds) * 1000);
  await Promise.allSettled(names.map((name) => watch(arm, workspaceId, name, { deadlineMinutes: 60, signal: end })));
  process.stdout.write(`${JSON.stringify({ requests, ms: Date.now() - started })}\n`);
  process.exit();
}

function bodyOf(computeId: string, dataId: string): object {
  const data = { jobInputType: "mltable", uri: dataId };
  return {
    jobType: "AutoML",
    experimentName: "bench",
    computeId,
    taskDetails: {
      taskType: "ImageObjectDetection",
      targetColumnName: "label",
      trainingData: data,
      validationData: data,
      limitSettings: { maxTrials: 1, maxConcurrentTrials: 1 },
      modelSettings: { numberOfEpochs: 500, earlyStopping: false },
    },
  };
}

async function inParallel<T>(items: readonly T[], lanes: number, action: (item: T) => Promise<unknown>): Promise<void> {
  const queue = items.values();
  const lane = async () => {
    for (const item of queue) await action(item);
  };
  await Promise.all(Array.from({ length: lanes }, lane));
}

void main(process.argv.slice(2));
