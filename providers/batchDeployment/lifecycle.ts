import { deploymentLifecycle } from "../deploymentLifecycle";

export const lifecycle = deploymentLifecycle(({ defaults }, deployment) => {
  const { deploymentName } = (defaults ?? {}) as { deploymentName?: string };
  return deploymentName === deployment ? "is the default deployment of its endpoint" : undefined;
});
