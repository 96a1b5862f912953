import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseJob, parseJobFile } from "../../../lib/automl";

const sweep = readFileSync("jobs/sweep.yml", "utf8");

function problemsOf(content: string | Uint8Array): string {
  try {
    parseJob("job.yml", content);
  } catch (error) {
    if ((error as Error).name !== "UserError") throw error;
    return (error as Error).message;
  }
  return "";
}

const swap = (from: string | RegExp, to: string) => (text: string) => {
  const changed = text.replace(from, to);
  if (changed === text) throw new Error(`${from} is not in the file`);
  return changed;
};

describe("job files", () => {
  test.each(["jobs/yolov5.yml", "jobs/sweep.yml"])("%s has no mistake and no warning", (file) => {
    expect(parseJob(file, readFileSync(file)).warnings).toEqual([]);
  });

  test.each([
    [
      "a typo in a parameter",
      swap("learning_rate", "learning_rte"),
      "job.yml:41:5: search_space[0].learning_rte: unknown parameter of image_object_detection; did you mean learning_rate?",
    ],
    [
      "an unknown property",
      swap("compute:", "computer:"),
      "job.yml:8:1: computer: unknown property; did you mean compute?",
    ],
    [
      "another way to write a name",
      swap("early_stopping: true", "earlyStopping: true"),
      "training_parameters.earlyStopping: unknown parameter of image_object_detection; did you mean early_stopping?",
    ],
    [
      "a typo in a nested property",
      swap("timeout_minutes", "timeout_minute"),
      "job.yml:21:3: limits.timeout_minute: unknown property; did you mean timeout_minutes?",
    ],
    [
      "a typo in an argument of a distribution",
      swap("min_value", "min_vlue"),
      "search_space[0].learning_rate.min_vlue: unknown property of uniform; did you mean min_value?",
    ],
    [
      "a typo in the name of a distribution",
      swap("type: uniform", "type: unifrom"),
      'job.yml:42:13: search_space[0].learning_rate.type: is "unifrom"; did you mean uniform?',
    ],
    [
      "a distribution that the parameter does not allow",
      swap(
        "values: [600, 800]",
        "values: [600, 800]\n    number_of_epochs: { type: uniform, min_value: 1, max_value: 5 }",
      ),
      'search_space[1].number_of_epochs.type: is "uniform"; an integer parameter allows choice, quniform, qloguniform, qnormal, qlognormal, randint',
    ],
    [
      "bounds the wrong way round",
      swap("max_value: 0.01", "max_value: 0.00001"),
      "search_space[0].learning_rate.max_value: is 0.00001; it must be above min_value (0.0001)",
    ],
    [
      "more concurrent trials than trials",
      swap("max_concurrent_trials: 2", "max_concurrent_trials: 3"),
      "job.yml:23:26: limits.max_concurrent_trials: is 3; at most max_trials (2) can run at once",
    ],
    [
      "a yolov5 parameter on an R-CNN",
      swap("min_size", "image_size"),
      "search_space[1].image_size: works with yolov5 only; the model is fasterrcnn_resnet50_fpn",
    ],
    [
      "an R-CNN parameter on yolov5",
      swap("model_size:\n      type: choice\n      values: [small, medium]", "max_size: 800"),
      "search_space[0].max_size: works with R-CNN and RetinaNet models only, not yolov5; the model is yolov5",
    ],
    [
      "a fixed yolov5 parameter where no model of the space is yolov5",
      (text: string) =>
        swap(
          "values: [yolov5]",
          "values: [retinanet_resnet50_fpn]",
        )(swap("early_stopping: true", "multi_scale: true")(text)),
      "training_parameters.multi_scale: works with yolov5 only; the model is retinanet_resnet50_fpn, fasterrcnn_resnet50_fpn",
    ],
    [
      "a parameter of another task",
      swap("early_stopping: true", "training_crop_size: 224"),
      "training_parameters.training_crop_size: is no parameter of image_object_detection; it belongs to image_classification, image_classification_multilabel",
    ],
    [
      "a parameter that cannot be swept",
      swap("model_size:", "checkpoint_frequency: 1\n    model_size:"),
      "search_space[0].checkpoint_frequency: cannot stand in search_space; it belongs into training_parameters",
    ],
    [
      "a distribution among the fixed parameters",
      swap("early_stopping: true", "momentum: { type: choice, values: [0.9] }"),
      "training_parameters.momentum: is a distribution; distributions belong into search_space",
    ],
    [
      "bayesian sampling of a conditional space",
      swap("sampling_algorithm: random", "sampling_algorithm: bayesian"),
      "search_space: has 2 entries (a conditional space), which bayesian sampling does not support; use random or grid",
    ],
    [
      "grid sampling of a continuous parameter",
      swap("sampling_algorithm: random", "sampling_algorithm: grid"),
      'search_space[0].learning_rate.type: is "uniform", which is continuous; grid sampling wants choice',
    ],
    [
      "no training data",
      swap(/training_data:\n.*\n.*\n/, ""),
      "job.yml:1:1: training_data: is missing; a map is wanted",
    ],
    ["no task", swap("task: image_object_detection\n", ""), "task: is missing; allowed are image_classification, "],
    [
      "a number out of range",
      swap("evaluation_frequency: 1", "evaluation_frequency: 0"),
      "job.yml:27:25: training_parameters.evaluation_frequency: is 0; a whole number of 1 or more is wanted",
    ],
    [
      "a part of a whole number, which the CLI would cut off",
      swap("evaluation_frequency: 1", "evaluation_frequency: 1.5"),
      "training_parameters.evaluation_frequency: is 1.5; a whole number of 1 or more is wanted",
    ],
    [
      "a text for a number",
      swap("max_trials: 2", "max_trials: two"),
      'limits.max_trials: is "two"; a whole number from 1 to 1000',
    ],
    [
      "a number for a text",
      swap("display_name: coco128-sweep", "display_name: 5"),
      "display_name: is 5; a text is wanted; quote it",
    ],
    [
      "a boolean of YAML 1.1 for a text",
      swap("display_name: coco128-sweep", "display_name: no"),
      "display_name: is false; a text is wanted",
    ],
    [
      "nothing for a value",
      swap("compute: azureml:gpu-cluster", "compute:"),
      "compute: is null; a value is wanted, or leave",
    ],
    ["a number for a map", swap(/limits:\n.*\n.*\n.*\n/, "limits: 5\n"), "limits: is 5; a map is wanted"],
    [
      "a key that stands twice",
      (text: string) => `${text}\ntask: image_object_detection\n`,
      'the key "task" stands twice, first in line 5; keep one',
    ],
    [
      "a wrong enumeration",
      swap("[sgd, adam, adamw]", "[sgd, adamm]"),
      'search_space[1].optimizer.values[1]: is "adamm"; did you mean adam?',
    ],
    [
      "a metric of another task",
      swap("primary_metric: mean_average_precision", "primary_metric: accuracy"),
      'primary_metric: is "accuracy"; image_object_detection allows mean_average_precision',
    ],
    [
      "a policy without slack",
      swap("    slack_factor: 0.2\n", ""),
      "sweep.early_termination: bandit needs slack_factor or slack_amount",
    ],
    [
      "a property of another policy",
      swap("slack_factor: 0.2", "slack_factor: 0.2\n    truncation_percentage: 5"),
      "sweep.early_termination.truncation_percentage: unknown property; allowed are type, ",
    ],
    [
      "a search space without a sweep",
      swap(/sweep:\n(?: .*\n)+/, ""),
      "search_space: needs sweep with a sampling_algorithm",
    ],
    [
      "a sampling algorithm that is a map",
      swap("sampling_algorithm: random", "sampling_algorithm: { type: random }"),
      "allowed are grid, random, bayesian",
    ],
    [
      "test data sizes",
      swap("log_verbosity: info", "test_data_size: 0.1"),
      "test_data_size: image jobs have no test data; leave it out",
    ],
  ])("%s: refused with file, line, column, path and what to do", (_what, change, message) => {
    expect(problemsOf(change(sweep))).toContain(message);
  });

  test("all mistakes are told at once, in the order of the file", () => {
    const changes = [
      swap("task: image_object_detection", "task: image_object_detect"),
      swap("max_trials: 2", "max_trials: 0"),
      swap("learning_rate", "learning_rte"),
      swap("sampling_algorithm: random", "sampling_algorithm: bayesian"),
      swap(/training_data:\n.*\n.*\n/, ""),
    ];
    const lines = problemsOf(changes.reduce((text, change) => change(text), sweep))
      .split("\n  - ")
      .slice(1);
    expect(lines.map((line) => line.replace(/^job\.yml:\d+:\d+: ([^:]+):.*/s, "$1"))).toEqual([
      "training_data",
      "task",
      "limits.max_trials",
      "search_space",
      "search_space[0].learning_rte",
    ]);
  });

  test("what is legal and has no effect is a warning", () => {
    const { warnings } = parseJob(
      "job.yml",
      [
        "type: automl",
        "task: image_instance_segmentation",
        "target_column_name: label",
        "training_data: { path: azureml:coco:1, mode: download }",
        "test_data: { path: azureml:coco:2 }",
        "training_parameters: { tile_grid_size: 2x2 }",
      ].join("\n"),
    );
    expect(warnings).toEqual([
      expect.stringMatching(/^job\.yml:1:1: compute: is missing: the job runs serverless/),
      expect.stringMatching(/^job\.yml:4:40: training_data\.mode: has no effect/),
      expect.stringMatching(/^job\.yml:5:1: test_data: has no effect/),
      expect.stringMatching(/^job\.yml:6:24: training_parameters\.tile_grid_size: has no effect/),
    ]);
  });

  test("a model that is not built in is a warning, and may have any parameter", () => {
    const text = swap("values: [yolov5]", "values: [mmd-3x-yolof_r50_c5_8x8_1x_coco]")(sweep);
    expect(parseJob("job.yml", text).warnings).toEqual([
      expect.stringMatching(
        /^job\.yml:\d+:\d+: search_space\[0\]\.model_name: "mmd-3x-yolof_r50_c5_8x8_1x_coco" is not/,
      ),
    ]);
  });

  test("what `az ml job show` adds is passed over", () => {
    const { warnings } = parseJob("job.yml", `id: azureml:/x\nstatus: Completed\ncreation_context: { a: b }\n${sweep}`);
    expect(warnings).toEqual([]);
  });
});

describe("files that are no job", () => {
  test.each([
    ["an empty file", "", /job\.yml:1:1: the file is empty; a job is a map/],
    ["comments alone", "# nothing\n", /the file is empty/],
    ["a text", "just a text", /1:1: is a text; a job is a map/],
    ["a list", "- a\n- b\n", /1:1: is a list; a job is a map/],
    ["several documents", "type: automl\n---\ntype: automl\n", /job\.yml:2:1: a second document begins here/],
    ["a tab as indentation", "type: automl\nlimits:\n\tmax_trials: 1\n", /job\.yml:3:1: a tab indents this line/],
    ["an open bracket", "type: automl\ntags: [a\nname: b\n", /job\.yml:3:1: invalid YAML/],
    ["an open quote", 'type: automl\nname: "b\n', /job\.yml:\d:\d+: invalid YAML: Missing closing "quote/],
    ["an alias without its anchor", "type: *kind\n", /job\.yml:1:7: \*kind has no anchor &kind before it/],
    ["an alias of itself", "type: &a [*a]\n", /job\.yml:1:11: \*a has no anchor/],
    ["a tag of Python", "type: !!python/object:os.system automl\n", /carries the tag !!python\/object:os\.system/],
    ["a key that is no text", "tags: { 1: a }\n", /job\.yml:1:9: a key must be a text; quote it/],
    ["UTF-16", Buffer.from("\uFEFFtype: automl\n", "utf16le"), /job\.yml:1:1: is not UTF-8; save the file as UTF-8/],
    ["Latin-1", Buffer.from("description: Stra\xDFe\n", "latin1"), /is not UTF-8/],
    ["a huge file", "x".repeat(2_000_000), /is 2000000 bytes long; a job file has at most 131072/],
  ])("%s", (_what, content, message) => {
    expect(problemsOf(content)).toMatch(message);
  });

  test("a file that is not there, and a folder", () => {
    expect(() => parseJobFile("jobs/gone.yml")).toThrow(
      'Job file "jobs/gone.yml" cannot be read: there is no such file.',
    );
    expect(() => parseJobFile("jobs")).toThrow('Job file "jobs" cannot be read: it is a folder.');
  });

  const bomb = Array.from({ length: 26 }, (_, level) => {
    const items = level === 0 ? Array(9).fill("x") : Array(9).fill(`*a${level - 1}`);
    return `k${level}: &a${level} [${items.join(", ")}]`;
  }).join("\n");

  test.each([
    ["aliases that multiply", bomb, /means more than 20000 values, aliases counted; write out/],
    ["brackets without end", `type: ${"[".repeat(100_000)}`, /nested more than 64 levels deep/],
    ["braces without end", "{a: ".repeat(30_000), /nested more than 64 levels deep/],
    ["dashes without end", "- ".repeat(60_000), /nested more than 64 levels deep/],
    ["ever deeper lines", Array.from({ length: 400 }, (_, i) => `${" ".repeat(i)}a:`).join("\n"), /nested more than/],
    ["a key of 100 kilobytes", `${"x".repeat(100_000)}: 1`, /invalid YAML/],
  ])("%s are refused at once", (_what, content, message) => {
    const before = process.memoryUsage().heapUsed;
    const start = performance.now();
    expect(problemsOf(content)).toMatch(message);
    expect(performance.now() - start).toBeLessThan(2000);
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(200 * 1024 * 1024);
  });

  test("names that objects have by birth are unknown like any other", () => {
    expect(problemsOf(`${sweep}\n__proto__: { a: 1 }\nconstructor: 1\n`)).toMatch(
      /__proto__: unknown property[^]*constructor: unknown property/,
    );
  });

  test("a tag of that name is data", () => {
    const { spec } = parseJob("job.yml", `${sweep}\ntags: { __proto__: x }\n`);
    expect(Object.entries(spec.tags ?? {})).toEqual([["__proto__", "x"]]);
  });

  test("the bytes of a file are read as they are", () => {
    const folder = mkdtempSync(join(tmpdir(), "job-"));
    try {
      const file = join(folder, "job.yml");
      writeFileSync(file, `\uFEFF${sweep.replace(/\n/g, "\r\n")}`);
      expect(parseJobFile(file).spec).toEqual(parseJob(file, sweep).spec);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
