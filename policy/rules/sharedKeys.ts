import { valuesOf } from "../../lib/values";
import { rule, type Violation } from "../rule";
import { types } from "../types";

const next = "Set it, and grant roles to the identities that need access.";

export const sharedKeys = rule({
  name: "no-shared-keys",
  description: "Access goes by identities: no account keys, no admin users, no local accounts.",
  level: "mandatory",
  severity: "high",
  types: [types.storageAccount, types.workspace, types.registry, types.cluster, types.compute],
  check({ type, props }): Violation[] {
    switch (type) {
      case types.storageAccount:
        return mustBe("allowSharedKeyAccess", props.allowSharedKeyAccess, false);
      case types.registry:
        return mustBe("adminUserEnabled", props.adminUserEnabled ?? false, false);
      case types.cluster:
        return mustBe("disableLocalAccounts", props.disableLocalAccounts, true);
      case types.compute: {
        const { disableLocalAuth, computeType } = valuesOf(props.properties);
        return computeType === "AmlCompute" || computeType === "ComputeInstance"
          ? mustBe("properties.disableLocalAuth", disableLocalAuth, true)
          : [];
      }
      default: {
        const value = props.systemDatastoresAuthMode;
        if (typeof value === "string" && value.toLowerCase() === "identity") return [];
        return [{ property: "systemDatastoresAuthMode", value, allowed: '"Identity"', next }];
      }
    }
  },
});

function mustBe(property: string, value: unknown, wanted: boolean): Violation[] {
  return value === wanted ? [] : [{ property, value, allowed: String(wanted), next }];
}
