import fc from "fast-check";
import { buildJobBody, jobHash, parseJobFile, workspaceResolver } from "../../../lib/automl";
import { isoDuration } from "../../../lib/automl/body";
import { plainNumber, searchSpaceEntry } from "../../../lib/automl/searchSpace";

const workspaceId = "/subscriptions/s/resourceGroups/g/providers/Microsoft.MachineLearningServices/workspaces/w";
const pinned = {
  data: {
    "cocotrain2017-training": `${workspaceId}/data/cocotrain2017-training/versions/abc`,
    "cocotrain2017-validation": `${workspaceId}/data/cocotrain2017-validation/versions/abc`,
  },
};

describe("the request body", () => {
  test("of the sweep holds the walk-through's settings", () => {
    const { properties } = buildJobBody(
      parseJobFile("jobs/sweep.yml").spec,
      workspaceResolver({ workspaceId, pinned }),
    );
    expect(properties).toMatchObject({
      jobType: "AutoML",
      experimentName: "coco128-automl-image-object-detection",
      computeId: `${workspaceId}/computes/gpu-cluster`,
      taskDetails: {
        taskType: "ImageObjectDetection",
        primaryMetric: "MeanAveragePrecision",
        trainingData: { jobInputType: "mltable", uri: pinned.data["cocotrain2017-training"] },
        limitSettings: { timeout: "PT2H", maxTrials: 2, maxConcurrentTrials: 2 },
        sweepSettings: {
          samplingAlgorithm: "Random",
          earlyTermination: {
            policyType: "Bandit",
            slackFactor: 0.2,
            slackAmount: 0,
            evaluationInterval: 2,
            delayEvaluation: 6,
          },
        },
        searchSpace: [
          {
            modelName: "choice('yolov5')",
            learningRate: "uniform(0.0001,0.01)",
            modelSize: "choice('small','medium')",
          },
          {
            modelName: "choice('fasterrcnn_resnet50_fpn')",
            learningRate: "uniform(0.0001,0.001)",
            optimizer: "choice('sgd','adam','adamw')",
            minSize: "choice(600,800)",
          },
        ],
      },
    });
  });

  test("spells the learning-rate parameters as the service does", () => {
    const entry = searchSpaceEntry({
      step_lr_gamma: 0.5,
      step_lr_step_size: 5,
      warmup_cosine_lr_cycles: 0.45,
      warmup_cosine_lr_warmup_epochs: 2,
    });
    expect(entry).toEqual({
      stepLRGamma: "0.5",
      stepLRStepSize: "5",
      warmupCosineLRCycles: "0.45",
      warmupCosineLRWarmupEpochs: "2",
    });
  });

  test.each([
    [{ learning_rate: 1 }, { learningRate: "1.0" }],
    [{ learning_rate: 1e-5 }, { learningRate: "0.00001" }],
    [{ model_name: "yolov5" }, { modelName: "yolov5" }],
    [{ nesterov: { type: "choice", values: [true, false] } }, { nesterov: "choice(True,False)" }],
    [{ learning_rate: { type: "choice", values: [2e-5, 5e-5, 1] } }, { learningRate: "choice(0.00002,0.00005,1.0)" }],
    [{ layers_to_freeze: { type: "choice", values: [0, 3] } }, { layersToFreeze: "choice(0,3)" }],
    [{ number_of_epochs: { type: "randint", upper: 5 } }, { numberOfEpochs: "randint(5)" }],
    [
      { learning_rate_scheduler: { type: "choice", values: ["step", "warmup_cosine"] } },
      { learningRateScheduler: "choice('step','warmup_cosine')" },
    ],
  ])("writes %j as azure-ai-ml does", (entry, expected) => {
    expect(searchSpaceEntry(entry)).toEqual(expected);
  });

  test("numbers never have an exponent, and keep their value", () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), fc.boolean(), (value, float) => {
        const text = plainNumber(value, float);
        expect(text).not.toMatch(/e/i);
        expect(Number(text)).toBe(value === 0 ? Number(text) : value);
      }),
    );
  });

  test.each([
    [30, "PT30M"],
    [60, "PT1H"],
    [90, "PT1H30M"],
    [1440, "P1D"],
    [1500, "P1DT1H"],
  ])("%i minutes are %s", (minutes, text) => {
    expect(isoDuration(minutes)).toBe(text);
  });

  test("@latest that nobody pinned says how to pin it", () => {
    expect(() => buildJobBody(parseJobFile("jobs/yolov5.yml").spec, workspaceResolver({ workspaceId }))).toThrow(
      /Pin it: azureml:cocotrain2017-training:VERSION/,
    );
  });

  test("the hash does not depend on the order of keys, and does on values", () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (body) => {
        const reversed = Object.fromEntries(Object.entries(body).reverse());
        expect(jobHash(reversed)).toBe(jobHash(body));
        expect(jobHash({ ...body, added: "x" })).not.toBe(jobHash({ ...body, added: "y" }));
      }),
    );
  });
});
