import { buildJobBody, parseJobFile, workspaceResolver } from "../lib/automl";
import { UserError } from "../lib/errors";

const help = `Prints the ARM request body of Azure ML job files: what will be sent.

  npm run -s job:body -- FILE...

One file gives one JSON document; several give one a line, in order. AZURE_SUBSCRIPTION_ID, AZURE_RESOURCE_GROUP and
AZURE_ML_WORKSPACE name the workspace that references are resolved in. "azureml:NAME@latest" is left to be pinned by
"pulumi up" and stands in the body as ".../data/NAME/labels/latest". A file with mistakes prints nothing on stdout; its
mistakes go to stderr, and the exit status is 1.`;

function workspaceId(): string {
  const [subscription, group, workspace] = ["AZURE_SUBSCRIPTION_ID", "AZURE_RESOURCE_GROUP", "AZURE_ML_WORKSPACE"].map(
    (name) => {
      const value = process.env[name];
      if (!value) {
        throw new UserError(
          `${name} is not set; it names the workspace that references are resolved in. Set it, or run: eval "$(npm run -s local:env)"`,
        );
      }
      return value;
    },
  );
  return `/subscriptions/${subscription}/resourceGroups/${group}/providers/Microsoft.MachineLearningServices/workspaces/${workspace}`;
}

function main(files: readonly string[]): void {
  if (files.length === 0 || files.includes("--help")) {
    console.log(help);
    process.exitCode = files.length === 0 ? 2 : 0;
    return;
  }
  const workspace = workspaceId();
  const pinned = workspaceResolver({ workspaceId: workspace });
  for (const file of files) {
    try {
      const { spec, warnings } = parseJobFile(file);
      const body = buildJobBody(spec, (kind, reference) => {
        const [, name] = /^azureml:([^:@]+)@latest$/.exec(reference) ?? [];
        return kind === "data" && name ? `${workspace}/data/${name}/labels/latest` : pinned(kind, reference);
      });
      for (const warning of warnings) console.error(`warning: ${warning}`);
      console.log(JSON.stringify(body, null, files.length === 1 ? 2 : undefined));
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      console.error(error.message);
      process.exitCode = 1;
    }
  }
}

try {
  main(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof UserError)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
