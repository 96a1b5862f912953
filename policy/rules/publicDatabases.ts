import { valuesOf } from "../../lib/values";
import { rule, type Violation } from "../rule";
import { types } from "../types";

export const publicDatabases = rule({
  name: "no-public-database",
  description: "Databases have private addresses alone, whatever the stack.",
  level: "mandatory",
  severity: "critical",
  types: [types.databaseServer, types.databaseFirewallRule],
  check({ type, props }): Violation[] {
    if (type === types.databaseFirewallRule) {
      const value = `${String(props.startIpAddress)} to ${String(props.endIpAddress)}`;
      const next = "Leave the rule out, and reach the server by its private endpoint.";
      return [{ property: "startIpAddress", value, allowed: "no public addresses", next }];
    }
    const { delegatedSubnetResourceId: subnet, publicNetworkAccess: value } = valuesOf(props.network);
    if (subnet !== undefined || value === "Disabled") return [];
    const next = "Set it, and give the server a private endpoint or a subnet of its own.";
    return [{ property: "network.publicNetworkAccess", value, allowed: '"Disabled"', next }];
  },
});
