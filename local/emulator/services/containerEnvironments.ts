import { ArmError, type Cloud } from "../contracts";
import { guidOf } from "../guid";
import { delegatedSubnet, type Supporting } from "./supportingRules";

const environmentType = "Microsoft.App/managedEnvironments";

interface EnvironmentProperties {
  appLogsConfiguration?: {
    destination?: string;
    logAnalyticsConfiguration?: { customerId?: string; sharedKey?: string };
  };
  vnetConfiguration?: { infrastructureSubnetId?: string; internal?: boolean };
}

const invalidNetwork = "ManagedEnvironmentInvalidNetworkConfiguration";
const subnetTarget = "properties.vnetConfiguration.infrastructureSubnetId";
/** The least that Azure takes: https://learn.microsoft.com/azure/container-apps/custom-virtual-networks#subnet */
const longestPrefix = 27;

/** Environments of container apps. Names below `invalid` resolve nowhere: nothing runs that could answer. */
export const containerEnvironments: Supporting = {
  check({ body, id, existing }, cloud) {
    const { vnetConfiguration, appLogsConfiguration: logs } = (body.properties ?? {}) as EnvironmentProperties;
    if (logs?.destination === "log-analytics" && !existing) {
      const { customerId, sharedKey } = logs.logAnalyticsConfiguration ?? {};
      if (!customerId || !sharedKey)
        throw new ArmError(
          400,
          "InvalidRequestParameterWithDetails",
          "LogAnalyticsConfiguration.SharedKey is invalid: destination 'log-analytics' needs customerId and sharedKey; 'azure-monitor' needs none.",
          "properties.appLogsConfiguration.logAnalyticsConfiguration",
        );
    }
    const subnet = vnetConfiguration?.infrastructureSubnetId;
    if (subnet === undefined) {
      if (!vnetConfiguration?.internal) return;
      throw new ArmError(400, invalidNetwork, "An internal environment needs an infrastructureSubnetId.", subnetTarget);
    }
    checkSubnet(subnet, existing?.id ?? id, cloud);
  },

  added({ name, id, body }, cloud) {
    const { vnetConfiguration } = (body.properties ?? {}) as EnvironmentProperties;
    return {
      defaultDomain: `${name}-${guidOf(id).slice(0, 8)}.${cloud.location}.azurecontainerapps.invalid`,
      staticIp: vnetConfiguration?.internal
        ? addressIn(
            String(cloud.resources.get(vnetConfiguration.infrastructureSubnetId ?? "")?.properties.addressPrefix),
          )
        : documentationAddress,
    };
  },
};

/** https://www.rfc-editor.org/rfc/rfc5737 */
const documentationAddress = "203.0.113.4";

function checkSubnet(subnetId: string, id: string, cloud: Cloud): void {
  const where = { code: "ManagedEnvironmentSubnetDelegationError", target: subnetTarget };
  const { record, prefix } = delegatedSubnet(cloud, subnetId, "Microsoft.App/environments", where);
  if (Number(prefix.split("/")[1]) > longestPrefix)
    throw new ArmError(
      400,
      invalidNetwork,
      `The subnet '${record.id}' has ${prefix}; an environment needs /${longestPrefix} or more.`,
      subnetTarget,
    );
  const user = cloud.resources.listAll(environmentType).find(({ id: other, properties }) => {
    const { vnetConfiguration } = properties as EnvironmentProperties;
    const isSame = vnetConfiguration?.infrastructureSubnetId?.toLowerCase() === subnetId.toLowerCase();
    return isSame && other.toLowerCase() !== id.toLowerCase();
  });
  if (user)
    throw new ArmError(
      400,
      "ManagedEnvironmentSubnetInUse",
      `The subnet '${record.id}' is used by '${user.id}'.`,
      subnetTarget,
    );
}

/** The first address of a range that Azure leaves to others. */
function addressIn(prefix: string): string {
  const [base = ""] = prefix.split("/");
  return base.replace(/\d+$/, (last) => String(Number(last) + 4));
}
