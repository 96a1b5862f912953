import type { PolicyAssignment, PolicyExemption } from "../../../lib/preflight/azureReader";
import { exemptionOf } from "../../../lib/preflight/policies/exemptions";
import type { Declared } from "../../../lib/preflight/policies/fields";
import { overrideOf } from "../../../lib/preflight/policies/rules";
import { Untold } from "../../../lib/preflight/policies/untold";

const group = "/subscriptions/s/resourceGroups/rg";
const id = `${group}/providers/Microsoft.Storage/storageAccounts/stobjdet`;
const resource: Declared = {
  token: "azure-native:storage:StorageAccount",
  name: "storage-account",
  inputs: { accountName: "stobjdet", location: "eastus2" },
  settable: ["location"],
};
const assignment: PolicyAssignment = { id: "/subscriptions/s/assigned", name: "assigned", properties: {} };
const now = Date.parse("2026-11-28T12:00:00Z");
const at = (scope: string) => `${scope}/providers/Microsoft.Authorization/policyExemptions/spared`;
const selecting = (kind: string, among: string[]) => [{ selectors: [{ kind, in: among }] }];

test.each<[string, Partial<PolicyExemption["properties"]>, string, string]>([
  ["of the group", {}, group, "spared"],
  ["of the group in other letters", {}, group.toUpperCase(), "spared"],
  ["of a management group", {}, "/providers/Microsoft.Management/managementGroups/m", "spared"],
  ["of the resource", {}, id, "spared"],
  ["of another group", {}, `${group}-2`, "not"],
  ["of another resource", {}, `${id}2`, "not"],
  ["from another assignment", { policyAssignmentId: "/other" }, group, "not"],
  ["that is over", { expiresOn: "2026-11-28T11:59:59Z" }, group, "not"],
  ["that is not over", { expiresOn: "2026-11-28T12:00:01Z" }, group, "spared"],
  ["from this member", { policyDefinitionReferenceIds: ["Keys", "tls"] }, group, "spared"],
  ["from another member", { policyDefinitionReferenceIds: ["tls"] }, group, "not"],
  ["from all members", { policyDefinitionReferenceIds: [] }, group, "spared"],
  ["in this region", { resourceSelectors: selecting("resourceLocation", ["East US 2"]) }, group, "spared"],
  ["in another region", { resourceSelectors: selecting("resourceLocation", ["westeurope"]) }, group, "not"],
  ["of another type", { resourceSelectors: selecting("resourceType", ["Microsoft.KeyVault/vaults"]) }, group, "not"],
  ["for some people", { resourceSelectors: selecting("userPrincipalId", ["u"]) }, group, "untold"],
])("an exemption %s", (_name, properties, scope, expected) => {
  const all = { policyAssignmentId: assignment.id.toUpperCase(), exemptionCategory: "Waiver", ...properties };
  const exemptions = [{ id: at(scope), name: "spared", properties: all }];
  const found = exemptionOf(exemptions, { id, resource, assignment, reference: "keys" }, now);
  expect(found instanceof Untold ? "untold" : (found?.name ?? "not")).toBe(expected);
});

test.each<[string, object, string | undefined]>([
  ["of all members", {}, "Disabled"],
  ["of this one", { selectors: [{ kind: "policyDefinitionReferenceId", in: ["keys"] }] }, "Disabled"],
  ["of others", { selectors: [{ kind: "policyDefinitionReferenceId", notIn: ["keys"] }] }, undefined],
  ["of another kind", { kind: "definitionVersion" }, undefined],
])("an override %s", (_name, more, expected) => {
  const overrides = [{ kind: "policyEffect", value: "Disabled", ...more }];
  expect(overrideOf({ ...assignment, properties: { overrides } }, "keys")).toBe(expected);
});
