import fc from "fast-check";
import { buildJobBody, jobHash, parseJob, parseJobFile, workspaceResolver } from "../../../lib/automl";
import { isoDuration } from "../../../lib/automl/body";
import { parameters } from "../../../lib/automl/parameters";
import { plainFloat } from "../../../lib/automl/searchSpace";

const workspaceId = "/subscriptions/s/resourceGroups/g/providers/Microsoft.MachineLearningServices/workspaces/w";
const pinned = {
  data: {
    "cocotrain2017-training": `${workspaceId}/data/cocotrain2017-training/versions/abc`,
    "cocotrain2017-validation": `${workspaceId}/data/cocotrain2017-validation/versions/abc`,
  },
};

/** The body of a small job with the lines given, as far as it is of interest. */
function bodyOf(...lines: string[]): Record<string, unknown> {
  const text = [
    "type: automl",
    "task: image_object_detection",
    "target_column_name: label",
    "training_data: { type: mltable, path: azureml:coco:1 }",
    ...lines,
  ].join("\n");
  return buildJobBody(parseJob("job.yml", text).spec, workspaceResolver({ workspaceId, pinned })).properties;
}

function searchSpaceOf(parameter: string): unknown {
  const body = bodyOf("sweep: { sampling_algorithm: random }", "search_space:", `  - ${parameter}`);
  return (body.taskDetails as { searchSpace: unknown[] }).searchSpace[0];
}

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

  test.each([
    ["learning_rate: 1", { learningRate: "1.0" }],
    ["learning_rate: 1e-5", { learningRate: "0.00001" }],
    ["learning_rate: 1.0e-05", { learningRate: "0.00001" }],
    ["model_name: yolov5", { modelName: "yolov5" }],
    ["nesterov: yes", { nesterov: "True" }],
    ["nesterov: { type: choice, values: [true, 0] }", { nesterov: "choice(True,False)" }],
    ["learning_rate: { type: choice, values: [2e-5, 5e-5, 1] }", { learningRate: "choice(0.00002,0.00005,1.0)" }],
    ["learning_rate: { type: choice, values: [0, 1] }", { learningRate: "choice(0,1)" }],
    ["momentum: { type: uniform, min_value: 0, max_value: 1.0 }", { momentum: "uniform(0,1.0)" }],
    ["layers_to_freeze: { type: choice, values: [0, 3] }", { layersToFreeze: "choice(0,3)" }],
    ["number_of_epochs: { type: randint, upper: 5 }", { numberOfEpochs: "randint(5)" }],
    ["number_of_epochs: { type: qlognormal, mu: 3, sigma: 1, q: 2 }", { numberOfEpochs: "qlognormal(3,1,2)" }],
    ["optimizer: Adam", { optimizer: "adam" }],
    [
      "learning_rate_scheduler: { type: Choice, values: [step, WarmupCosine] }",
      { learningRateScheduler: "choice('step','warmup_cosine')" },
    ],
  ])("writes the search space { %s } as azure-ai-ml does", (parameter, expected) => {
    expect(searchSpaceOf(parameter)).toEqual(expected);
  });

  test("reads scalars by YAML 1.1, as the CLI does", () => {
    expect(bodyOf("training_parameters: { nesterov: off, number_of_epochs: 0x10, random_seed: 010 }")).toMatchObject({
      taskDetails: { modelSettings: { nesterov: false, numberOfEpochs: 16, randomSeed: 8 } },
    });
  });

  test("takes aliases and merge keys", () => {
    const body = bodyOf(
      "sweep: { sampling_algorithm: random }",
      "search_space:",
      "  - &shared { model_name: yolov5, learning_rate: 0.01 }",
      "  - { <<: *shared, model_name: fasterrcnn_resnet50_fpn }",
    );
    expect(body).toMatchObject({
      taskDetails: {
        searchSpace: [
          { modelName: "yolov5", learningRate: "0.01" },
          { modelName: "fasterrcnn_resnet50_fpn", learningRate: "0.01" },
        ],
      },
    });
  });

  test("passes resources, queue, notification and outputs on by the API's names", () => {
    expect(
      bodyOf(
        "resources: { instance_type: Standard_NC4as_T4_v3, instance_count: 2, docker_args: [--ipc=host] }",
        "queue_settings: { job_tier: Spot, priority: high }",
        "notification_setting: { email_on: [job_failed], emails: [a@b.c] }",
        "outputs: { best_model: { type: mlflow_model, mode: rw_mount } }",
      ),
    ).toMatchObject({
      resources: { instanceType: "Standard_NC4as_T4_v3", instanceCount: 2, dockerArgsList: ["--ipc=host"] },
      queueSettings: { jobTier: "Spot", priority: 3 },
      notificationSetting: { emailOn: ["JobFailed"], emails: ["a@b.c"] },
      outputs: { best_model: { jobOutputType: "mlflow_model", mode: "ReadWriteMount" } },
    });
  });

  test("of a serverless job names no compute", () => {
    expect(bodyOf("compute: azureml:serverless")).not.toHaveProperty("computeId");
  });

  test("@latest that nobody pinned says how to pin it", () => {
    expect(() => buildJobBody(parseJobFile("jobs/yolov5.yml").spec, workspaceResolver({ workspaceId }))).toThrow(
      /Pin it: azureml:cocotrain2017-training:VERSION/,
    );
  });
});

describe("laws", () => {
  test("numbers never have an exponent, and keep their value", () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
        const text = plainFloat(value);
        expect(text).toMatch(/^-?\d+(\.\d+)?$/);
        expect(Number(text)).toBe(value);
      }),
    );
  });

  test.each([
    [1, "1.0"],
    [-0, "-0.0"],
    [1e15, "1000000000000000.0"],
    [1e16, "10000000000000000"],
    [1.5e300, `15${"0".repeat(299)}`],
    [5e-324, `0.${"0".repeat(323)}5`],
    [0.1, "0.1"],
    [1e-7, "0.0000001"],
    [123456.789, "123456.789"],
  ])("%d is %s, as azure-ai-ml's float_to_str has it", (value, text) => {
    expect(plainFloat(value)).toBe(text);
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

  test("a duration says its minutes, each part below the next", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 86_400 }), (minutes) => {
        const [, days, hours, rest] = /^P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?)?$/.exec(isoDuration(minutes)) ?? [];
        expect(Number(days ?? 0) * 1440 + Number(hours ?? 0) * 60 + Number(rest ?? 0)).toBe(minutes);
        expect(Number(hours ?? 0)).toBeLessThan(24);
        expect(Number(rest ?? 0)).toBeLessThan(60);
      }),
    );
  });

  test("the API's names of parameters lead back to the file's", () => {
    const back = (rest: string) =>
      rest.replace(/([a-z0-9])(?=[A-Z])|(LR)(?=[A-Z])/g, (part) => `${part}_`).toLowerCase();
    expect(new Set(Object.values(parameters).map(({ rest }) => rest)).size).toBe(Object.keys(parameters).length);
    for (const [name, { rest }] of Object.entries(parameters)) expect(back(rest)).toBe(name);
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

  test("the hash of a job does not depend on the order of the lines of its file", () => {
    const lines = [
      "description: text",
      "tags: { a: b }",
      "limits: { max_trials: 3, timeout_minutes: 60 }",
      "training_parameters: { model_name: yolov5, learning_rate: 0.01 }",
    ];
    const hash = jobHash(bodyOf(...lines));
    fc.assert(
      fc.property(fc.shuffledSubarray(lines, { minLength: lines.length }), (shuffled) => {
        expect(jobHash(bodyOf(...shuffled))).toBe(hash);
      }),
    );
  });
});
