import { setTimeout as sleep } from "node:timers/promises";
import { UserError } from "../errors";
import { apiVersions, ArmRequestError, type ArmClient, type ArmResource } from "./arm";

/** How long an endpoint may take to leave Updating, or a deployment to be seen by it. */
const settleMs = 10 * 60_000;
const pauseMs = 2_000;

export interface EndpointProperties {
  provisioningState: string;
  traffic?: Record<string, number>;
  scoringUri: string;
  swaggerUri: string;
  [key: string]: unknown;
}

export type Endpoint = ArmResource<EndpointProperties>;

/** @throws UserError when it is not there */
export async function getEndpoint(arm: ArmClient, id: string): Promise<Endpoint> {
  const endpoint = await arm.get<EndpointProperties>(id, apiVersions.machineLearning);
  if (!endpoint)
    throw new UserError(`Endpoint ${id} is not there. Correct the id, or run "pulumi refresh", then "pulumi up".`);
  return endpoint;
}

/**
 * Right after an operation the service may answer that the endpoint is Updating (409) or that a deployment is not found,
 * although both have just been reported as done (Azure/azure-sdk-for-net#36961): such answers are waited out.
 * @throws UserError with the answer that still comes after ten minutes, and what to do
 */
export async function whenEndpointSettles<R>(action: () => Promise<R>, limitMs = settleMs): Promise<R> {
  for (const deadline = Date.now() + limitMs; ; await sleep(pauseMs)) {
    try {
      return await action();
    } catch (error) {
      if (!(error instanceof ArmRequestError) || !isRace(error)) throw error;
      if (Date.now() >= deadline)
        throw new UserError(
          `After ${Math.round(limitMs / 60_000)} minutes Azure still answers: ${error.message} Somebody else changes the ` +
            'endpoint, or an operation on it hangs: look at its state and deployments in the studio, and run "pulumi up" ' +
            "again once it is Succeeded. What served goes on serving.",
        );
    }
  }
}

function isRace({ status, message }: ArmRequestError): boolean {
  return (
    status === 409 || /not found in endpoint/i.test(message) || /because it is in \w+ provisioning state/i.test(message)
  );
}

/** The traffic without the deployments that get none. */
export function sharesOf(traffic: Record<string, number> = {}): Record<string, number> {
  return Object.fromEntries(Object.entries(traffic).filter(([, share]) => share !== 0));
}
