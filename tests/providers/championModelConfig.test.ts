import { parseConfig } from "../../config";

const rest = {
  data: JSON.stringify({ images: "images", annotations: "instances.json" }),
  serving: JSON.stringify({ allowInsecureConnections: true }),
};
const modelOf = (model: object) => parseConfig({ ...rest, model: JSON.stringify(model) }).model;

describe("the configuration of the gate", () => {
  test("lets new data in by default, and asks nobody", () => {
    expect(modelOf({})).toEqual({
      name: "automl-image-detector",
      type: "custom_model",
      minimumMetric: 0.1,
      minimumDelta: 0,
      perClassMinimum: 0,
      minimumImages: 0,
      onNewData: "absolute",
      approval: "none",
      approved: "",
      rollbackTo: "",
      source: "train",
      readers: [],
    });
  });

  test("takes values as Pulumi stores them: digits are a number there, and a fraction is text", () => {
    expect(modelOf({ approved: 12, rollbackTo: "7" })).toMatchObject({ approved: "12", rollbackTo: "7" });
    const stored = { minimumMetric: "0.25", perClassMinimum: { person: "0.3" } };
    expect(modelOf(stored)).toMatchObject({ minimumMetric: 0.25, perClassMinimum: { person: 0.3 } });
  });

  test("takes one floor, or one a label", () => {
    expect(modelOf({ perClassMinimum: 0.2 }).perClassMinimum).toBe(0.2);
    expect(modelOf({ perClassMinimum: { person: 0.3 } }).perClassMinimum).toEqual({ person: 0.3 });
  });

  test.each([
    [{ perClassMinimum: 2 }, /model\.perClassMinimum: 2; Too big: expected number to be <=1/],
    [{ perClassMinimum: { person: 2 } }, /model\.perClassMinimum.*expected number to be <=1/],
    [
      { perClassMinimum: "low" },
      /model\.perClassMinimum: "low"; a number from 0 to 1, or one a label: \{"person": 0\.3\}/,
    ],
    [{ minimumImages: -1 }, /model\.minimumImages: -1; /],
    [{ onNewData: "ignore" }, /model\.onNewData: "ignore"; .*"absolute"\|"hold"/],
    [{ approval: "yes" }, /model\.approval: "yes"; .*"none"\|"required"/],
    [{ type: "triton_model" }, /model\.type: "triton_model"; .*"custom_model"\|"mlflow_model"/],
    [{ rollBackTo: 1 }, /model\.rollBackTo: unknown key; did you mean rollbackTo\?/],
  ])("refuses %j, and says what is allowed", (model, message) => {
    expect(() => modelOf(model)).toThrow(message);
  });
});
