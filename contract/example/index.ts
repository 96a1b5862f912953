import { createHash } from "node:crypto";
import * as authorization from "@pulumi/azure-native/authorization";
import * as managedidentity from "@pulumi/azure-native/managedidentity";
import * as monitor from "@pulumi/azure-native/monitor";
import * as resources from "@pulumi/azure-native/resources";
import * as pulumi from "@pulumi/pulumi";
import { readPlatform, type Platform } from "@azure-ml-object-detection/contract";

const config = new pulumi.Config();
const platform = readPlatform(new pulumi.StackReference(config.require("platformStack")));
const { endpoint, workspace } = platform;

const group = new resources.ResourceGroup("consumer", { location: workspace.location });

/** The identity of this team's service, which sends pictures to the endpoint. */
const scorer = new managedidentity.UserAssignedIdentity("scorer", {
  resourceGroupName: group.name,
  location: workspace.location,
});

/** What the identity needs to score, and no more: the endpoint's key, or with Entra ID tokens the endpoint itself. */
function scoringRight({ endpoint: { authMode, keySecretId, id } }: Platform): { scope: string; roleId: string } {
  const keyVaultSecretsUser = "4633458b-17de-408a-b874-0445c86b69e6";
  const dataScientist = "f6c7c914-8db3-469d-8ca1-694a8f32e121";
  return authMode === "key" && keySecretId !== null
    ? { scope: keySecretId, roleId: keyVaultSecretsUser }
    : { scope: id, roleId: dataScientist };
}

/** A GUID from its parts, so that the assignment has one name however often it is made. */
function guidOf(parts: readonly string[]): string {
  const hex = createHash("sha256").update(parts.join("\0")).digest("hex");
  return [hex.slice(0, 8), hex.slice(8, 12), `8${hex.slice(13, 16)}`, `a${hex.slice(17, 20)}`, hex.slice(20, 32)].join(
    "-",
  );
}

const right = platform.apply(scoringRight);
const subscription = workspace.id.apply((id) => id.split("/").slice(0, 3).join("/"));
const mayScore = new authorization.RoleAssignment("scorer-may-score", {
  scope: right.scope,
  roleDefinitionId: pulumi.interpolate`${subscription}/providers/Microsoft.Authorization/roleDefinitions/${right.roleId}`,
  principalId: scorer.principalId,
  principalType: authorization.PrincipalType.ServicePrincipal,
  roleAssignmentName: pulumi.all([right.scope, right.roleId, scorer.id]).apply((parts) => guidOf(parts)),
});

const failures = new monitor.MetricAlert("detector-failures", {
  resourceGroupName: group.name,
  location: "global",
  description: pulumi.interpolate`Requests to ${endpoint.name} fail, which serves version ${endpoint.modelVersion}`,
  enabled: true,
  severity: 2,
  scopes: [endpoint.id],
  evaluationFrequency: "PT1M",
  windowSize: "PT5M",
  criteria: {
    odataType: "Microsoft.Azure.Monitor.SingleResourceMultipleMetricCriteria",
    allOf: [
      {
        criterionType: "StaticThresholdCriterion",
        name: "failures",
        metricName: "RequestsPerMinute",
        metricNamespace: "Microsoft.MachineLearningServices/workspaces/onlineEndpoints",
        dimensions: [{ name: "statusCodeClass", operator: "Include", values: ["5xx"] }],
        operator: monitor.Operator.GreaterThan,
        threshold: config.getNumber("maxFailuresPerMinute") ?? 5,
        timeAggregation: monitor.AggregationTypeEnum.Average,
      },
    ],
  },
});

export const scorerClientId = scorer.clientId;
export const scoringUri = endpoint.scoringUri;
export const keySecretId = endpoint.keySecretId;
export const modelVersion = endpoint.modelVersion;
export const roleAssignmentId = mayScore.id;
export const alertId = failures.id;
