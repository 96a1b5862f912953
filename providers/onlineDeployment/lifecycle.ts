import { sharesOf } from "../../lib/azure/endpoints";
import { deploymentLifecycle } from "../deploymentLifecycle";

export const lifecycle = deploymentLifecycle(({ traffic }, deployment) => {
  const share = sharesOf(traffic)[deployment];
  return share === undefined ? undefined : `has ${share} % of the traffic`;
});
