import { readFile } from "node:fs/promises";
import { parse } from "yaml";
import { UserError } from "../../lib/errors";
import { projectName } from "../../lib/project";
import { labelingEnvironment } from "./control";

/** Commands of the CLI that make or plan a labeling project. */
const needing = new Set(["up", "update", "preview"]);

/**
 * A stack that runs its own Label Studio has container apps, which are records here: the one of `local:labeling` takes its
 * place.
 * @param configFile of the stack
 * @throws UserError before anything is made, when there is none
 */
export async function requireLabelStudio(root: string, args: readonly string[], configFile: string): Promise<void> {
  const command = args.find((arg) => !arg.startsWith("-"));
  if (!needing.has(command ?? "") || !(await runsItsOwn(configFile))) return;
  if ((await labelingEnvironment(root)).LABEL_STUDIO_URL) return;
  throw new UserError(
    `labeling.host is "azure" (${configFile}), and the local cloud runs no containers: Label Studio and its gateway are records here. ` +
      'Run "npm run local:labeling" first; the labeling project is made in the Label Studio that it starts. Or set labeling.service to "none".',
  );
}

async function runsItsOwn(file: string): Promise<boolean> {
  // A file that is not there or no YAML is the engine's to tell.
  const text = await readFile(file, "utf8").catch(() => "");
  const { config = {} } = (parse(text) ?? {}) as { config?: Record<string, unknown> };
  const { service, host } = (config[`${projectName}:labeling`] ?? {}) as { service?: string; host?: string };
  return service === "labelStudio" && host === "azure";
}
