import { ArmError, type Cloud, type ResourceRecord } from "../contracts";

/** The resource that a property names. @throws ArmError 400 when it is not there */
export function requireResource(cloud: Cloud, id: unknown, target: string): ResourceRecord {
  return required(cloud, id, { code: "ValidationError", what: "The resource", target });
}

/** The same for what a deployment refers to, which the serving side of the service looks up. */
export function requireServed(cloud: Cloud, id: unknown, what: string, target: string): ResourceRecord {
  return required(cloud, id, { code: "UserError", what, target });
}

function required(
  cloud: Cloud,
  id: unknown,
  { code, what, target }: { code: string; what: string; target: string },
): ResourceRecord {
  const found = typeof id === "string" ? cloud.resources.get(id) : undefined;
  if (!found) throw new ArmError(400, code, `${what} '${String(id)}' was not found.`, target);
  return found;
}

/** Names of endpoints and deployments, online and batch. @throws ArmError 400 */
export function checkServingName(name: string, what: "endpoint" | "deployment"): void {
  if (!/^[a-zA-Z][a-zA-Z0-9-]{1,30}[a-zA-Z0-9]$/.test(name))
    throw new ArmError(
      400,
      "BadArgument",
      `'${name}' is no valid ${what} name: 3 to 32 letters, digits and '-', beginning with a letter.`,
    );
}

/** The endpoint of a deployment's id. */
export function endpointOf(deploymentId: string): string {
  return deploymentId.replace(/\/deployments\/[^/]+$/i, "");
}

/** A deployment is made in an endpoint to which nothing is being done. @throws ArmError */
export function requireSettledEndpoint(cloud: Cloud, deploymentId: string): ResourceRecord {
  const endpoint = requireServed(cloud, endpointOf(deploymentId), "Endpoint", "endpointName");
  const state = String(endpoint.properties.provisioningState);
  if (state !== "Succeeded")
    throw new ArmError(
      409,
      "Conflict",
      `Cannot create a deployment in endpoint ${endpoint.name} because it is in ${state} provisioning state.`,
    );
  return endpoint;
}
