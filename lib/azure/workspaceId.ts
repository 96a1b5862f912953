import { UserError } from "../errors";

/**
 * ARM id of the workspace that AZURE_SUBSCRIPTION_ID, AZURE_RESOURCE_GROUP and AZURE_ML_WORKSPACE name.
 * @param purpose what the workspace is for, as the end of "it names the workspace ..."
 * @throws UserError when one of them is not set
 */
export function workspaceIdOf(purpose: string, environment: NodeJS.ProcessEnv = process.env): string {
  const [subscription, group, workspace] = ["AZURE_SUBSCRIPTION_ID", "AZURE_RESOURCE_GROUP", "AZURE_ML_WORKSPACE"].map(
    (name) => {
      const value = environment[name];
      if (!value) {
        throw new UserError(
          `${name} is not set; it names the workspace ${purpose}. Set it, or run: eval "$(npm run -s local:env)"`,
        );
      }
      return value;
    },
  );
  return `/subscriptions/${subscription}/resourceGroups/${group}/providers/Microsoft.MachineLearningServices/workspaces/${workspace}`;
}
