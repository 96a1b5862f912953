import { ArmError, type Cloud, type TypeBehaviour } from "../contracts";
import { grantEndpoint } from "../rbac/automatic";
import { checkServingName, endpointOf, requireServed, requireSettledEndpoint } from "../services/references";
import { checkHowItRuns, type DeploymentProperties } from "./deploymentRules";
import { EndpointKeys, type Keys } from "./keys";
import { Servers } from "./servers";

export const endpointType = "Microsoft.MachineLearningServices/workspaces/onlineEndpoints";
export const deploymentType = `${endpointType}/deployments`;

export const servers = new Servers();

/** Percentages are whole, name deployments that are Succeeded, and sum to 0 or 100. */
function checkTraffic(traffic: Record<string, number> | undefined, endpointId: string, cloud: Cloud): void {
  const entries = Object.entries(traffic ?? {});
  for (const [name, share] of entries) {
    const target = `properties.traffic.${name}`;
    if (!Number.isInteger(share) || share < 0 || share > 100)
      throw new ArmError(
        400,
        "BadArgument",
        `Traffic of '${name}' is ${share}; it must be a whole number from 0 to 100.`,
        target,
      );
    const deployment = cloud.resources.get(`${endpointId}/deployments/${name}`);
    if (!deployment)
      throw new ArmError(
        400,
        "BadArgument",
        `Deployment '${name}' not found in endpoint '${endpointId.split("/").at(-1)}'.`,
        target,
      );
    if (share > 0 && deployment.properties.provisioningState !== "Succeeded") {
      throw new ArmError(
        400,
        "BadArgument",
        `Deployment '${name}' is ${String(deployment.properties.provisioningState)} and cannot take traffic.`,
        target,
      );
    }
  }
  const sum = entries.reduce((total, [, share]) => total + share, 0);
  if (sum !== 0 && sum !== 100)
    throw new ArmError(
      400,
      "BadArgument",
      `The sum of the traffic is ${sum}; it must be 0 or 100.`,
      "properties.traffic",
    );
}

export const servingBehaviours: readonly TypeBehaviour[] = [
  {
    type: endpointType,
    coverage: { gaps: { PUT: "mirrored traffic has no effect" } },
    async check({ body, name, existing, id }, cloud) {
      checkServingName(name, "endpoint");
      const { compute, traffic, authMode } = (body.properties ?? {}) as {
        compute?: string;
        traffic?: Record<string, number>;
        authMode?: string;
      };
      if (compute) requireServed(cloud, compute, "Compute", "properties.compute");
      if (compute && authMode?.toLowerCase() === "aadtoken") {
        throw new ArmError(
          400,
          "BadArgument",
          "A Kubernetes endpoint takes authMode Key or AMLToken.",
          "properties.authMode",
        );
      }
      if (existing && authMode !== existing.properties.authMode) {
        throw new ArmError(
          400,
          "BadArgument",
          `authMode of an endpoint cannot be changed: it is '${String(existing.properties.authMode)}'.`,
          "properties.authMode",
        );
      }
      checkTraffic(traffic, existing?.id ?? id, cloud);
      // Keys that a client sets stand beside the record, which answers none.
      const keys = body.properties?.keys as Partial<Keys> | undefined;
      if (keys && !existing) await new EndpointKeys(cloud.store).set(id, keys);
    },
    properties: ({ body: { properties: { keys: _, ...given } = {} }, existing }) => ({
      ...given,
      traffic: given.traffic ?? existing?.properties.traffic ?? {},
    }),
    view: ({ name }, cloud) => ({
      scoringUri: `${cloud.url}/endpoints/${name}/score`,
      swaggerUri: `${cloud.url}/endpoints/${name}/swagger.json`,
    }),
    provision: async () => {},
    afterPut: grantEndpoint,
    removed: (record, cloud) => new EndpointKeys(cloud.store).remove(record.id),
    actions: {
      async listkeys({ record }, cloud) {
        if (String(record.properties.authMode).toLowerCase() !== "key")
          throw new ArmError(400, "BadArgument", "The endpoint does not use keys.");
        return { status: 200, body: await new EndpointKeys(cloud.store).of(record.id) };
      },
      async regeneratekeys({ record, body }, cloud) {
        const { keyType } = (body ?? {}) as { keyType?: "Primary" | "Secondary" };
        if (keyType !== "Primary" && keyType !== "Secondary")
          throw new ArmError(400, "BadArgument", "keyType must be Primary or Secondary.", "keyType");
        await new EndpointKeys(cloud.store).regenerate(record.id, keyType);
        return { status: 200 };
      },
      async token({ record }, cloud) {
        if (String(record.properties.authMode).toLowerCase() === "key")
          throw new ArmError(400, "BadArgument", "The endpoint uses keys, not tokens.");
        const now = Math.floor(cloud.now().getTime() / 1000);
        const expiryTimeUtc = now + 3600;
        return {
          status: 200,
          body: {
            accessToken: await new EndpointKeys(cloud.store).token(record.id, expiryTimeUtc),
            tokenType: "Bearer",
            expiryTimeUtc,
            refreshAfterTimeUtc: now + 1800,
          },
        };
      },
    },
  },
  {
    type: deploymentType,
    coverage: { gaps: { PUT: "serves models of the local trainer; the model of a deployment cannot be swapped" } },
    check({ body, name, id, existing }, cloud) {
      checkServingName(name, "deployment");
      const endpoint = requireSettledEndpoint(cloud, id);
      const properties = (body.properties ?? {}) as { model?: string; environmentId?: string } & DeploymentProperties;
      const model = requireServed(cloud, properties.model, "Model", "properties.model");
      if (properties.environmentId)
        requireServed(cloud, properties.environmentId, "Environment", "properties.environmentId");
      if (properties.codeConfiguration?.codeId)
        requireServed(cloud, properties.codeConfiguration.codeId, "Code", "properties.codeConfiguration.codeId");
      if (existing && properties.model !== existing.properties.model) {
        throw new ArmError(
          400,
          "BadArgument",
          "The local cloud does not swap the model of a deployment; make another deployment.",
          "properties.model",
        );
      }
      checkHowItRuns(endpoint, properties, (body.sku as { capacity?: unknown } | undefined)?.capacity, model, cloud);
    },
    // Of the service; clients read its type without asking whether there is one.
    properties: ({ body }) => ({ scaleSettings: { scaleType: "Default" }, ...body.properties }),
    async provision(record, cloud) {
      await servers.replace(record, cloud);
    },
    beforeDelete(record, cloud) {
      const traffic = (cloud.resources.get(endpointOf(record.id))?.properties.traffic ?? {}) as Record<string, number>;
      const share =
        Object.entries(traffic).find(([name]) => name.toLowerCase() === record.name.toLowerCase())?.[1] ?? 0;
      if (share > 0)
        throw new ArmError(
          409,
          "UserError",
          `Cannot delete deployment '${record.name}': it has ${share} % of the traffic.`,
        );
    },
    async removed(record, cloud) {
      servers.stop(record.id);
      const endpoint = cloud.resources.get(endpointOf(record.id));
      const traffic = Object.entries((endpoint?.properties.traffic ?? {}) as Record<string, number>);
      const others = traffic.filter(([name]) => name.toLowerCase() !== record.name.toLowerCase());
      if (endpoint && others.length < traffic.length)
        await cloud.resources.patchProperties(endpoint.id, { traffic: Object.fromEntries(others) });
    },
    actions: {
      getlogs: ({ record }) => {
        const { ready, wanted } = servers.get(record.id)?.size ?? { ready: 0, wanted: 0 };
        return { status: 200, body: { content: `Deployment ${record.name}: ${ready} of ${wanted} replicas ready\n` } };
      },
    },
  },
];
