import { readFileSync } from "node:fs";
import { parseJob, parseReference, workspaceResolver, type JobReference } from "../../../lib/automl";
import { localPath } from "../../../lib/automl/references";

const workspaceId = "/subscriptions/s/resourceGroups/g/providers/Microsoft.MachineLearningServices/workspaces/w";
const sweep = readFileSync("jobs/sweep.yml", "utf8");

describe("references", () => {
  test.each([
    ["data", "azureml:coco:3", { form: "version", name: "coco", version: "3" }],
    ["data", "coco:3", { form: "version", name: "coco", version: "3" }],
    ["data", "azureml:coco@latest", { form: "latest", name: "coco" }],
    ["data", `azureml:${workspaceId}/data/coco/versions/3`, { form: "id", id: `${workspaceId}/data/coco/versions/3` }],
    ["data", `${workspaceId}/data/coco/versions/3`, { form: "id", id: `${workspaceId}/data/coco/versions/3` }],
    [
      "data",
      "azureml://registries/shared/data/coco/versions/1.0",
      { form: "uri", uri: "azureml://registries/shared/data/coco/versions/1.0" },
    ],
    ["data", "azureml://datastores/d/paths/p/", { form: "uri", uri: "azureml://datastores/d/paths/p/" }],
    [
      "data",
      "https://account.blob.core.windows.net/c/p",
      { form: "uri", uri: "https://account.blob.core.windows.net/c/p" },
    ],
    ["data", "./tables/training", { form: "local", folder: "./tables/training" }],
    ["data", "tables", { form: "local", folder: "tables" }],
    ["data", "/data/my tables", { form: "local", folder: "/data/my tables" }],
    ["compute", "azureml:gpu-cluster", { form: "name", name: "gpu-cluster" }],
    ["compute", "gpu-cluster", { form: "name", name: "gpu-cluster" }],
    ["compute", `azureml:${workspaceId}/computes/c`, { form: "id", id: `${workspaceId}/computes/c` }],
    ["environment", "azureml:vision@latest", { form: "latest", name: "vision" }],
  ] as const)("%s %s", (kind, text, reference) => {
    expect(parseReference(kind, text)).toEqual(reference);
  });

  test.each([
    ["data", "azureml:coco"],
    ["data", "azureml:coco@newest"],
    ["data", ""],
    ["data", "file:./tables"],
    ["data", "azureml://registries/shared/data/coco"],
    ["data", `${workspaceId}/computes/c`],
    ["compute", "local"],
    ["compute", "my cluster"],
    ["compute", `${workspaceId}/data/coco/versions/3`],
  ] as const)("%s %j is none", (kind, text) => {
    expect(parseReference(kind, text).form).toBe("wrong");
  });

  test("of a job are listed with their property, for a resolver to be given", () => {
    const { references } = parseJob("jobs/sweep.yml", sweep);
    expect(references).toEqual([
      {
        kind: "compute",
        property: "compute",
        text: "azureml:gpu-cluster",
        reference: { form: "name", name: "gpu-cluster" },
      },
      ...(["training", "validation"] as const).map((part): JobReference => ({
        kind: "data",
        property: `${part}_data`,
        text: `azureml:cocotrain2017-${part}@latest`,
        reference: { form: "latest", name: `cocotrain2017-${part}` },
      })),
    ]);
  });

  test("to a local folder are relative to the program, not to the file", () => {
    expect(localPath("jobs/a.yml", "./tables/")).toBe("./jobs/tables");
    expect(localPath("jobs/a.yml", "../tables")).toBe("./tables");
    expect(localPath("../a.yml", "tables")).toBe("../tables");
    expect(localPath("a.yml", "/tables")).toBe("/tables");
  });

  test.each([
    ["./gone", /training_data\.path: is the local path "\.\/jobs\/gone", which is not there; give a folder/],
    ["./sweep.yml", /is the local path "\.\/jobs\/sweep\.yml", which is no folder/],
    ["../jobs", /is the folder "\.\/jobs", which has no file MLTable/],
    ["azureml:coco", /training_data\.path: is "azureml:coco"; allowed are azureml:NAME:VERSION/],
  ])("%s is refused with its line", (path, message) => {
    const text = sweep.replace("azureml:cocotrain2017-training@latest", path);
    expect(() => parseJob("jobs/sweep.yml", text)).toThrow(message);
  });

  test("resolve within the workspace, what is pinned first", () => {
    const resolve = workspaceResolver({
      workspaceId,
      pinned: { compute: { c: "/own/c" }, data: { coco: "/own/coco", "./jobs/tables": "/own/tables" } },
    });
    expect(resolve("compute", "azureml:c")).toBe("/own/c");
    expect(resolve("compute", "azureml:d")).toBe(`${workspaceId}/computes/d`);
    expect(resolve("data", "azureml:coco:3")).toBe(`${workspaceId}/data/coco/versions/3`);
    expect(resolve("data", "azureml:coco@latest")).toBe("/own/coco");
    expect(resolve("data", "./jobs/tables")).toBe("/own/tables");
    expect(() => resolve("data", "./jobs/other")).toThrow(/is a local folder that nobody has registered/);
    expect(() => resolve("data", "azureml:other@latest")).toThrow(/Pin it: azureml:other:VERSION/);
    expect(() => resolve("data", "azureml:other")).toThrow(/is no reference; allowed are/);
  });
});
