import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { buildJobBody, parseJob, workspaceResolver } from "../../../lib/automl";

const folder = "tests/lib/automl/golden";
const names = readdirSync(folder).flatMap((file) => (file.endsWith(".yml") ? [file.replace(/\.yml$/, "")] : []));
const workspaceId =
  "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg/providers/Microsoft.MachineLearningServices/workspaces/ws";

/** The body of a golden file, with what golden/oracle.py answers for the workspace. */
function bodyOf(name: string, change: (text: string) => string = (text) => text): unknown {
  const file = join(folder, `${name}.yml`);
  const job = parseJob(file, change(readFileSync(file, "utf8")));
  const data: Record<string, string> = {};
  for (const { reference } of job.references) {
    if (reference.form === "latest") data[reference.name] = `${workspaceId}/data/${reference.name}/versions/7`;
    if (reference.form !== "local") continue;
    const last = reference.folder.split("/").pop();
    data[reference.folder] = `azureml://datastores/workspaceblobstore/paths/uploaded/${last}`;
  }
  const resolve = workspaceResolver({ workspaceId, pinned: { data } });
  return buildJobBody(job.spec, resolve);
}

function goldenOf(name: string): unknown {
  return JSON.parse(readFileSync(join(folder, `${name}.json`), "utf8"));
}

describe("what azure-ai-ml 1.35.2 sends for the same file", () => {
  test.each(names)("%s", (name) => {
    expect(bodyOf(name)).toEqual(goldenOf(name));
  });

  test.each(names)("%s with a byte order mark and the line ends of Windows", (name) => {
    expect(bodyOf(name, (text) => `\uFEFF${text.replace(/\n/g, "\r\n")}`)).toEqual(goldenOf(name));
  });
});
