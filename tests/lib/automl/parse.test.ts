import { readFileSync } from "node:fs";
import { parseJob } from "../../../lib/automl";

const sweep = readFileSync("jobs/sweep.yml", "utf8");

function problemsOf(text: string): string {
  try {
    parseJob("job.yml", text);
  } catch (error) {
    return (error as Error).message;
  }
  return "";
}

describe("job files", () => {
  test.each(["jobs/yolov5.yml", "jobs/sweep.yml"])("%s has no mistake and no warning", (file) => {
    expect(parseJob(file, readFileSync(file, "utf8")).warnings).toEqual([]);
  });

  test.each([
    [
      "a typo in a parameter",
      (text: string) => text.replace("learning_rate", "learning_rte"),
      /job\.yml:42: search_space\[0\]\.learning_rte: unknown parameter.*did you mean learning_rate\?/,
    ],
    [
      "an unknown property",
      (text: string) => text.replace("compute:", "computer:"),
      /computer: unknown property; did you mean compute\?/,
    ],
    [
      "more concurrent trials than trials",
      (text: string) => text.replace("max_concurrent_trials: 2", "max_concurrent_trials: 3"),
      /limits\.max_concurrent_trials: is 3; at most max_trials \(2\)/,
    ],
    [
      "a yolov5 parameter on an R-CNN",
      (text: string) => text.replace("min_size", "image_size"),
      /search_space\[1\]\.image_size: works with yolov5 only; the model is fasterrcnn_resnet50_fpn/,
    ],
    [
      "bayesian sampling of a conditional space",
      (text: string) => text.replace("sampling_algorithm: random", "sampling_algorithm: bayesian"),
      /conditional space.*use random or grid/,
    ],
    [
      "grid sampling of a continuous parameter",
      (text: string) => text.replace("sampling_algorithm: random", "sampling_algorithm: grid"),
      /is "uniform", which is continuous; grid sampling wants choice/,
    ],
    [
      "no training data",
      (text: string) => text.replace("training_data:", "description: x\ntags:"),
      /training_data: is missing/,
    ],
    [
      "a number out of range",
      (text: string) => text.replace("evaluation_frequency: 1", "evaluation_frequency: 0"),
      /training_parameters\.evaluation_frequency: is 0; a whole number of 1 or more/,
    ],
    [
      "a text for a number",
      (text: string) => text.replace("max_trials: 2", "max_trials: two"),
      /limits\.max_trials: is "two"; a whole number from 1 to 1000/,
    ],
    ["a key that stands twice", (text: string) => `${text}\ntask: image_object_detection\n`, /a key stands twice/],
    [
      "a wrong enumeration",
      (text: string) => text.replace("[sgd, adam, adamw]", "[sgd, adamm]"),
      /optimizer\.values\[1\]: is "adamm"; did you mean adam/,
    ],
  ])("%s is refused with file, line and path", (_what, change, message) => {
    expect(problemsOf(change(sweep))).toMatch(message);
  });

  test("all mistakes are told at once", () => {
    const text = sweep.replace("learning_rate", "learning_rte").replace("max_trials: 2", "max_trials: 0");
    expect(problemsOf(text).split("\n  - ").length - 1).toBeGreaterThanOrEqual(1);
    const both = problemsOf(sweep.replace("learning_rate", "learning_rte").replace("min_size", "image_size"));
    expect(both).toContain("learning_rte");
    expect(both).toContain("image_size");
  });

  test("aliases that multiply are refused", () => {
    const bomb = [
      "a: &a [x, x, x, x, x, x, x, x, x]",
      ...["b", "c", "d", "e"].map(
        (name, index) => `${name}: &${name} [${Array(9).fill(`*${"abcd"[index]}`).join(", ")}]`,
      ),
    ].join("\n");
    expect(problemsOf(bomb)).toMatch(/alias/i);
  });

  test("a model that is not built in is a warning", () => {
    const text = sweep
      .replace("values: [yolov5]", "values: [mmd-3x-yolof_r50_c5_8x8_1x_coco]")
      .replace(/\n {4}model_size:\n.*\n.*\n/, "\n");
    expect(parseJob("job.yml", text).warnings[0]).toMatch(/is not a built-in model/);
  });

  test("a file that is not there is one clear error", () => {
    expect(() => parseJob("job.yml", "just a text")).toThrow(/a job is a map/);
  });
});
