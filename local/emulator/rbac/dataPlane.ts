import type { AccessControl, Principal } from "../contracts";

const ofWorkspace =
  /^\/(?:mlflow|history|artifact)\/v[\d.]+(\/subscriptions\/[^/]+\/resourceGroups\/[^/]+\/providers\/Microsoft\.MachineLearningServices\/workspaces\/[^/?]+)([^?]*)/i;

/**
 * Tracking and run history go by roles on the workspace, as Resource Manager does.
 * @throws ArmError 403 AuthorizationFailed
 */
export function authorizeDataPlane(access: AccessControl, principal: Principal, method: string, url: string): void {
  const [, workspace, path = ""] = ofWorkspace.exec(url) ?? [];
  if (!workspace) return;
  const subject = /\/(registered-models|model-versions)\//.test(path) ? "models" : "experiments/runs";
  // Searches are POSTed because their filters are long.
  const verb = method === "GET" || method === "HEAD" || /\/(search|get-latest-versions)$/.test(path) ? "read" : "write";
  access.authorize(principal, `Microsoft.MachineLearningServices/workspaces/${subject}/${verb}`, workspace);
}
