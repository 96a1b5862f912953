import { isTerminal } from "../azure/jobs";
import type { PlatformFacts } from "./platform";
import type { Training } from "./training";

/** How commands are called where people read the summary. */
export interface Calls {
  /** Brings the stack up again. */
  up: string;
  /** Names the stack to a command. */
  stack: string;
  /** Whether the stack is in the local cloud. */
  local: boolean;
}

/** What people can do next, the most urgent first. */
export function nextSteps(
  { workspace, promotion, labeling, endpoint }: PlatformFacts,
  trainings: readonly Training[],
  { up, stack, local }: Calls,
): string[] {
  const open = trainings.filter(({ status }) => !isTerminal(status)).map(({ name }) => name);
  const pending = promotion.pendingVersion;
  const setConfig = local ? "npm run local -- config set" : "pulumi config set";
  return [
    ...(open.length > 0 ? [`wait for ${open.join(", ")}, and then: ${up}`] : []),
    ...(pending === null
      ? []
      : [`approve version ${pending}: ${setConfig} ${stack} --path model.approved ${pending}, and then: ${up}`]),
    ...(local ? ['eval "$(npm run -s local:env)" leads the commands below to the local cloud'] : []),
    `score: npm run -s endpoint:score -- IMAGE.jpg --out scored${local ? "" : ` --endpoint ${endpoint.id}`}`,
    `compare: ${local ? "" : `${placeOf(workspace.id)} `}npm run -s compare -- champion latest`,
    // Without a page nobody can label: the project is a record alone.
    ...(labeling?.url
      ? [
          `label: ${labeling.url} has ${labeling.progress.left} of ${labeling.progress.total} images left`,
          `after new images: npm run -s labeling:refresh -- ${stack}; after new labels: npm run -s labeling:export -- ${stack}`,
        ]
      : []),
  ];
}

/** What names the workspace to the commands. */
function placeOf(workspaceId: string): string {
  const [, , subscription, , group, , , , name] = workspaceId.split("/");
  return `AZURE_SUBSCRIPTION_ID=${subscription} AZURE_RESOURCE_GROUP=${group} AZURE_ML_WORKSPACE=${name}`;
}
