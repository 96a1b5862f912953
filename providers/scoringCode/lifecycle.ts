import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { ContainerClient } from "@azure/storage-blob";
import { ArmClient } from "../../lib/azure/arm";
import { openDatastore, openRunArtifacts } from "../../lib/azure/datastores";
import { UserError } from "../../lib/errors";
import { defineLifecycle } from "../lifecycle";

interface Inputs {
  workspaceId: string;
  runId: string;
  /** Whether the files are for a batch endpoint, whose script calls the scoring file with each picture. */
  batch?: boolean;
}

interface Outputs extends Inputs {
  codeUri: string;
  codeVersion: string;
  condaFile: string;
  environmentVersion: string;
}

const scoringFile = "outputs/scoring_file_v_1_0_0.py";
const condaFile = "outputs/conda_env_v_1_0_0.yml";
const batchScript = "batch_score.py";

/** AutoML's own conda file pins a recordclass that conda-forge no longer has; the environment cannot be built with it. */
const brokenPin = /recordclass\s*==?\s*0\.15\.1/g;
const workingPin = "recordclass=0.21.1";

async function prepare(inputs: Inputs): Promise<Outputs> {
  const arm = await ArmClient.connect();
  const { container, prefix } = await openRunArtifacts(arm, inputs.workspaceId, inputs.runId);
  const score = await download(container, `${prefix}${scoringFile}`, inputs.runId);
  const conda = (await download(container, `${prefix}${condaFile}`, inputs.runId)).toString("utf8");
  const repaired = conda.replace(brokenPin, workingPin);
  if (repaired !== conda)
    console.log(
      `Conda file of ${inputs.runId}: recordclass 0.15.1 cannot be installed any more, ${workingPin} is used`,
    );

  const files = [{ name: "score.py", content: score }];
  if (inputs.batch) files.push({ name: batchScript, content: await readFile(join(__dirname, batchScript)) });
  const codeVersion = shortHash(Buffer.concat(files.map(({ content }) => content)));
  const store = await openDatastore(arm, inputs.workspaceId, "workspaceblobstore");
  const folder = `scoring-code/${codeVersion}`;
  for (const { name, content } of files)
    await store
      .getBlockBlobClient(`${folder}/${name}`)
      .uploadData(content, { blobHTTPHeaders: { blobContentType: "text/x-python" } });
  return {
    ...inputs,
    codeUri: `${store.url}/${folder}`,
    codeVersion,
    condaFile: repaired,
    environmentVersion: shortHash(Buffer.from(repaired)),
  };
}

async function download(container: ContainerClient, path: string, runId: string): Promise<Buffer> {
  const blob = container.getBlobClient(path);
  if (!(await blob.exists())) {
    throw new UserError(
      `Run ${runId} has no artifact ${path}: a deployment needs it. Look at the run's outputs; a run of another task or ` +
        "one that was stopped before it saved a model has none.",
    );
  }
  return blob.downloadToBuffer();
}

function shortHash(content: Buffer): string {
  return createHash("sha256").update(content).digest("hex").slice(0, 16);
}

export const lifecycle = defineLifecycle<Inputs, Outputs>({
  replaceOn: ["workspaceId", "batch"],

  async create(inputs) {
    return { id: inputs.runId, outputs: await prepare(inputs) };
  },

  async read(_id, state) {
    const store = await openDatastore(await ArmClient.connect(), state.workspaceId, "workspaceblobstore");
    const there = await store.getBlobClient(`scoring-code/${state.codeVersion}/score.py`).exists();
    return there ? state : undefined;
  },

  async update(_id, inputs) {
    return prepare(inputs);
  },

  // Code versions of earlier deployments go on referring to the file.
  async delete() {},
});
