import { valuesOf, type Values } from "../../lib/values";
import { rule, type CheckedResource, type Violation } from "../rule";
import { isAmong, production, stacksSetting } from "../stacks";
import { types } from "../types";

export const publicEndpoints = rule<{ stacks: string[] }>({
  name: "no-public-endpoint",
  description: "Production is reached by private endpoints and private networks alone.",
  level: "mandatory",
  severity: "high",
  types: [
    types.storageAccount,
    types.vault,
    types.registry,
    types.workspace,
    types.onlineEndpoint,
    types.cluster,
    types.extension,
    types.containerEnvironment,
  ],
  settings: { stacks: stacksSetting(production) },
  check: (resource, settings) => (isAmong(resource.stack, settings) ? openings(resource) : []),
});

function openings({ type, props }: CheckedResource): Violation[] {
  switch (type) {
    case types.vault:
      return mustBeDisabled("properties.publicNetworkAccess", valuesOf(props.properties).publicNetworkAccess);
    case types.onlineEndpoint: {
      const { compute, publicNetworkAccess } = valuesOf(props.properties);
      // In a cluster it is the inference router that is reached.
      return compute === undefined ? mustBeDisabled("properties.publicNetworkAccess", publicNetworkAccess) : [];
    }
    case types.containerEnvironment: {
      const value = valuesOf(props.vnetConfiguration).internal;
      if (value === true) return [];
      return [
        { property: "vnetConfiguration.internal", value, allowed: "true", next: 'Set network.access to "private".' },
      ];
    }
    case types.cluster:
      return ofCluster(valuesOf(props.apiServerAccessProfile));
    case types.extension:
      return props.extensionType === "Microsoft.AzureML.Kubernetes"
        ? ofRouter(valuesOf(props.configurationSettings))
        : [];
    default:
      return mustBeDisabled("publicNetworkAccess", props.publicNetworkAccess);
  }
}

function mustBeDisabled(property: string, value: unknown): Violation[] {
  if (typeof value === "string" && ["disabled", "securedbyperimeter"].includes(value.toLowerCase())) return [];
  return [{ property, value, allowed: '"Disabled"', next: "Set it, and give the resource a private endpoint." }];
}

function ofCluster({ enablePrivateCluster: value }: Values): Violation[] {
  if (value === true) return [];
  const property = "apiServerAccessProfile.enablePrivateCluster";
  return [{ property, value, allowed: "true", next: "Set serving.apiServer.private." }];
}

function ofRouter({ inferenceRouterServiceType: service, internalLoadBalancerProvider: value }: Values): Violation[] {
  if (service === "ClusterIP" || value !== undefined) return [];
  const property = "configurationSettings.internalLoadBalancerProvider";
  return [{ property, value, allowed: '"azure"', next: "Set serving.router.internal." }];
}
