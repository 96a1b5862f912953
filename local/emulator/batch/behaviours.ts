import { workspaceOf } from "../arm/ids";
import { ArmError, type Cloud, type TypeBehaviour } from "../contracts";
import { checkServingName, endpointOf, requireServed, requireSettledEndpoint } from "../services/references";
import { durationSeconds } from "../jobs/duration";

const ml = "Microsoft.MachineLearningServices/workspaces";
export const batchEndpointType = `${ml}/batchEndpoints`;
export const batchDeploymentType = `${batchEndpointType}/deployments`;

/** Parts of a batch deployment's body that the local cloud acts on. */
export interface BatchDeploymentBody {
  compute?: string;
  model?: { referenceType?: string; assetId?: string };
  codeConfiguration?: { codeId?: string; scoringScript?: string };
  environmentId?: string;
  environmentVariables?: Record<string, string>;
  errorThreshold: number;
  maxConcurrencyPerInstance: number;
  miniBatchSize: number;
  outputAction: string;
  outputFileName: string;
  retrySettings: { maxRetries: number; timeout: string };
}

/** Of the service, for what a body leaves out: https://learn.microsoft.com/azure/machine-learning/reference-yaml-deployment-batch */
const defaults = {
  errorThreshold: -1,
  loggingLevel: "Info",
  maxConcurrencyPerInstance: 1,
  miniBatchSize: 10,
  outputAction: "AppendRow",
  outputFileName: "predictions.csv",
  resources: { instanceCount: 1 },
  retrySettings: { maxRetries: 3, timeout: "PT30S" },
};

export const batchBehaviours: readonly TypeBehaviour[] = [
  {
    type: batchEndpointType,
    coverage: { refused: { "POST listKeys": "requests are authorized by Microsoft Entra ID alone" } },
    check({ name, body, existing, id }, cloud) {
      checkServingName(name, "endpoint");
      const { authMode, defaults: given } = (body.properties ?? {}) as {
        authMode?: string;
        defaults?: { deploymentName?: string };
      };
      if (authMode?.toLowerCase() !== "aadtoken")
        throw refused("properties.authMode", `A batch endpoint takes authMode AADToken, not ${String(authMode)}.`);
      const deployment = given?.deploymentName;
      if (deployment) requireDefault(existing?.id ?? id, deployment, cloud);
    },
    // What was set stays when a body leaves it out.
    properties: ({ body, existing }) => ({
      ...body.properties,
      defaults: body.properties?.defaults ?? existing?.properties.defaults ?? {},
    }),
    view: ({ name }, cloud) => ({
      scoringUri: `${cloud.url}/batchEndpoints/${name}/jobs`,
      swaggerUri: `${cloud.url}/batchEndpoints/${name}/swagger.json`,
    }),
    provision: async () => {},
  },
  {
    type: batchDeploymentType,
    coverage: {
      gaps: {
        PUT: "of models of the local trainer; a pipeline component is refused; one node scores, its code is not run",
      },
    },
    check({ name, id, body }, cloud) {
      checkServingName(name, "deployment");
      requireSettledEndpoint(cloud, id);
      checkDeployment({ ...defaults, ...body.properties }, cloud);
    },
    properties: ({ body: { properties = {} } }) => ({
      ...defaults,
      ...properties,
      retrySettings: { ...defaults.retrySettings, ...(properties.retrySettings as object | undefined) },
      resources: { ...defaults.resources, ...(properties.resources as object | undefined) },
    }),
    provision: async () => {},
    beforeDelete({ id, name }, cloud) {
      const { deploymentName } = (cloud.resources.get(endpointOf(id))?.properties.defaults ?? {}) as {
        deploymentName?: string;
      };
      if (deploymentName?.toLowerCase() === name.toLowerCase())
        throw new ArmError(
          409,
          "UserError",
          `Cannot delete deployment '${name}': it is the default deployment of its endpoint. Set another one first.`,
        );
    },
  },
];

function requireDefault(endpointId: string, name: string, cloud: Cloud): void {
  const target = "properties.defaults.deploymentName";
  const deployment = cloud.resources.get(`${endpointId}/deployments/${name}`);
  if (!deployment)
    throw refused(target, `Deployment '${name}' not found in endpoint '${endpointId.split("/").at(-1)}'.`);
  const state = String(deployment.properties.provisioningState);
  if (state !== "Succeeded") throw refused(target, `Deployment '${name}' is ${state} and cannot be the default one.`);
}

function checkDeployment(properties: BatchDeploymentBody & Record<string, unknown>, cloud: Cloud): void {
  if (properties.deploymentConfiguration !== undefined)
    throw new ArmError(
      501,
      "NotImplemented",
      "The local cloud has batch deployments of models, not of pipeline components. See docs/local.md.",
      "properties.deploymentConfiguration",
    );
  if (properties.model?.referenceType !== "Id")
    throw refused("properties.model.referenceType", "The local cloud takes models by reference type Id.");
  const model = requireServed(cloud, properties.model.assetId, "Model", "properties.model.assetId");
  const compute = requireServed(cloud, properties.compute, "Compute", "properties.compute");
  if (workspaceOf(compute.id) === "" || compute.properties.computeType !== "AmlCompute")
    throw refused(
      "properties.compute",
      `Compute '${compute.name}' is ${String(compute.properties.computeType)}; the local cloud runs batches on AmlCompute.`,
    );
  const { codeId, scoringScript } = properties.codeConfiguration ?? {};
  if (model.properties.modelType !== "mlflow_model") {
    requireServed(cloud, properties.environmentId, "Environment", "properties.environmentId");
    requireServed(cloud, codeId, "Code", "properties.codeConfiguration.codeId");
    if (!scoringScript) throw refused("properties.codeConfiguration.scoringScript", "A scoring script is required.");
  }
  checkNumbers(properties);
}

function checkNumbers(properties: BatchDeploymentBody): void {
  const { errorThreshold, outputAction, retrySettings } = properties;
  for (const key of ["maxConcurrencyPerInstance", "miniBatchSize"] as const)
    if (!Number.isInteger(properties[key]) || properties[key] < 1)
      throw refused(`properties.${key}`, `${key} is ${properties[key]}; a whole number from 1 on is wanted.`);
  if (!Number.isInteger(errorThreshold) || errorThreshold < -1)
    throw refused("properties.errorThreshold", `errorThreshold is ${errorThreshold}; -1 or more is wanted.`);
  if (outputAction !== "AppendRow" && outputAction !== "SummaryOnly")
    throw refused("properties.outputAction", `outputAction is '${outputAction}'; AppendRow or SummaryOnly is wanted.`);
  const { maxRetries = 0, timeout = "PT30S" } = retrySettings;
  if (!Number.isInteger(maxRetries) || maxRetries < 0 || !(durationSeconds(timeout) > 0))
    throw refused("properties.retrySettings", "maxRetries from 0 on and a timeout are wanted.");
}

function refused(target: string, message: string): ArmError {
  return new ArmError(400, "BadArgument", message, target);
}
