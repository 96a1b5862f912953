import { apiVersionsOf } from "../arm/apiVersions";
import type { ScopeOperation } from "../arm/scopeOperation";
import type { SoftDeleted } from "../arm/softDeleted";
import { ArmError, type Cloud } from "../contracts";
import { vaultTaken } from "./foundation";
import { nameMistake } from "./nameRules";
import { serverTaken } from "./postgres";
import { accountNameRule, isAccountName } from "./storage";

const accountType = "Microsoft.Storage/storageAccounts";
const vaultType = "Microsoft.KeyVault/vaults";
const databaseType = "Microsoft.DBforPostgreSQL/flexibleServers";

/** Whether a name that has to be unique over all of Azure is free; here, over all groups. */
export function nameAvailabilityOperations(cloud: Cloud, softDeleted: SoftDeleted): ScopeOperation[] {
  const isUsed = (type: string, name: string) =>
    cloud.resources.listAll(type).some((record) => record.name.toLowerCase() === name.toLowerCase());
  const operation = (
    type: string,
    own: string,
    refusal: (name: string) => [string, string] | undefined,
    right: "read" | "action" = "read",
  ): ScopeOperation => ({
    method: "POST",
    path: `/subscriptions/{subscription}/providers/${type.split("/")[0]}/checkNameAvailability`,
    apiVersions: apiVersionsOf(type, own),
    permission: `${type.split("/")[0]}/checknameavailability/${right}`,
    answer({ body }) {
      const { name, type: given } = (body ?? {}) as { name?: unknown; type?: unknown };
      if (typeof name !== "string") throw missing("name");
      if (String(given).toLowerCase() !== type.toLowerCase()) throw missing("type");
      const [reason, message] = refusal(name) ?? [];
      return { status: 200, body: reason ? { nameAvailable: false, reason, message } : { nameAvailable: true } };
    },
  });
  return [
    operation(accountType, "2024-01-01", (name) => {
      if (!isAccountName(name)) return ["AccountNameInvalid", accountNameRule(name)];
      return isUsed(accountType, name)
        ? ["AlreadyExists", `The storage account named ${name} is already taken.`]
        : undefined;
    }),
    operation(vaultType, "2024-11-01", (name) =>
      isUsed(vaultType, name) || softDeleted.find(vaultType, name) ? ["AlreadyExists", vaultTaken(name)] : undefined,
    ),
    operation(
      databaseType,
      "2025-08-01",
      (name) => {
        const mistake = nameMistake(databaseType, name);
        if (mistake) return ["Invalid", mistake.message];
        return isUsed(databaseType, name) ? ["AlreadyExists", serverTaken(name)] : undefined;
      },
      "action",
    ),
  ];
}

function missing(property: string): ArmError {
  return new ArmError(
    400,
    "InvalidRequestContent",
    `The request content was invalid: the property '${property}' is missing or wrong.`,
    property,
  );
}
