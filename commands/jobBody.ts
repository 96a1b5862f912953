import { buildJobBody, localAssetName, parseJobFile, workspaceResolver, type ParsedJob } from "../lib/automl";
import { workspaceIdOf } from "../lib/azure/workspaceId";
import { readFolder } from "../lib/content/folder";
import { UserError } from "../lib/errors";
import { showWarning } from "../lib/terminal";
import { runCommand } from "./runCommand";

const help = `Prints the ARM request body of Azure ML job files: what will be sent.

  npm run -s job:body -- FILE...

One file gives one JSON document; several give one a line, in order. AZURE_SUBSCRIPTION_ID, AZURE_RESOURCE_GROUP and
AZURE_ML_WORKSPACE name the workspace that references are resolved in. Nothing is asked of it, nothing is uploaded:

  azureml:NAME@latest  stands in the body as ".../data/NAME/labels/latest"; "pulumi up" pins it to a version.
  ./FOLDER             a local folder, relative to its file, stands as ".../data/FOLDER/versions/HASH": the data asset that
                       it would be registered as, HASH being of the paths and the contents of its files.

A file with mistakes prints nothing on stdout; its mistakes go to stderr with file, line and column, and the exit status is
1. Warnings go to stderr too, and change nothing.`;

/** The ids of what only a workspace, or a registration, would pin. */
async function pinnedIds(workspace: string, { references }: ParsedJob) {
  const pinned: Record<"data" | "environment", Record<string, string>> = { data: {}, environment: {} };
  for (const { kind, property, reference } of references) {
    if (kind === "compute") continue;
    if (reference.form === "latest") {
      const collection = kind === "data" ? "data" : "environments";
      pinned[kind][reference.name] = `${workspace}/${collection}/${reference.name}/labels/latest`;
    } else if (reference.form === "local") {
      const { fingerprint: version } = await readFolder(reference.folder, `${property}.path`);
      pinned.data[reference.folder] = `${workspace}/data/${localAssetName(reference.folder)}/versions/${version}`;
    }
  }
  return pinned;
}

async function main(files: readonly string[]): Promise<void> {
  if (files.length === 0 || files.includes("--help")) {
    console.log(help);
    process.exitCode = files.length === 0 ? 2 : 0;
    return;
  }
  const workspace = workspaceIdOf("that references are resolved in");
  for (const file of files) {
    try {
      const job = parseJobFile(file);
      const resolve = workspaceResolver({ workspaceId: workspace, pinned: await pinnedIds(workspace, job) });
      const body = buildJobBody(job.spec, resolve);
      for (const warning of job.warnings) showWarning(warning);
      console.log(JSON.stringify(body, null, files.length === 1 ? 2 : undefined));
    } catch (error) {
      report(error);
    }
  }
}

/** The mistakes of a file, each at its place as editors read it. */
function report(error: unknown): void {
  if (!(error instanceof UserError)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}

runCommand(() => main(process.argv.slice(2)));
