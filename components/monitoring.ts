import * as pulumi from "@pulumi/pulumi";
import { Budget } from "@pulumi/azure-native/consumption/budget";
import { ActionGroup } from "@pulumi/azure-native/monitor/actionGroup";
import { DiagnosticSetting } from "@pulumi/azure-native/monitor/diagnosticSetting";
import { MetricAlert } from "@pulumi/azure-native/monitor/metricAlert";
import { alerts, type Alert } from "../lib/environment/alerts";

export interface MonitoringArgs {
  /** ARM id of the resource group, whose costs the budget is about. */
  resourceGroupId: pulumi.Output<string>;
  names: { actionGroup: pulumi.Input<string>; budget: pulumi.Input<string> };
  /** ARM id of the Log Analytics workspace that takes logs and metrics. */
  logAnalyticsId: pulumi.Input<string>;
  /** Whether logs and metrics of {@link watched} go there. */
  diagnostics: boolean;
  /** ARM ids of what is watched; what was there before the stack has its own watch. */
  watched: {
    workspace: pulumi.Input<string>;
    vault?: pulumi.Input<string>;
    storage?: pulumi.Input<string>;
    registry?: pulumi.Input<string>;
    /** Database of the labeling. */
    labels?: pulumi.Input<string>;
    endpoint: pulumi.Input<string>;
  };
  /** Who is told; with nobody to tell there are no alerts. */
  emails: readonly string[];
  /** USD of the resource group a month; undefined for no budget. */
  monthlyBudget?: number;
}

/** What the stack tells those who run it: logs, alerts, and what it costs. */
export class Monitoring extends pulumi.ComponentResource {
  private readonly resourceGroupName: pulumi.Output<string>;

  constructor(
    private readonly childName: string,
    private readonly args: MonitoringArgs,
    opts?: pulumi.ComponentResourceOptions,
  ) {
    super("objectdetection:index:Monitoring", childName, {}, opts);
    this.resourceGroupName = args.resourceGroupId.apply((id) => id.split("/")[4] ?? "");
    if (args.diagnostics) this.declareDiagnostics();
    const actionGroupId = args.emails.length > 0 ? this.declareActionGroup() : undefined;
    if (actionGroupId) for (const alert of alerts) this.declareAlert(alert, actionGroupId);
    if (args.monthlyBudget !== undefined) this.declareBudget(args.monthlyBudget, actionGroupId);
    this.registerOutputs({});
  }

  private declareDiagnostics(): void {
    const { workspace, vault, storage, registry, labels } = this.args.watched;
    const sources: Record<string, pulumi.Input<string>> = {
      workspace,
      ...(vault && { vault }),
      // The account itself has no logs.
      ...(storage && { blobs: pulumi.interpolate`${storage}/blobServices/default` }),
      ...(registry && { registry }),
      ...(labels && { labels }),
    };
    for (const [source, resourceUri] of Object.entries(sources))
      new DiagnosticSetting(
        `${this.childName}-${source}-logs`,
        {
          resourceUri,
          name: "log-analytics",
          workspaceId: this.args.logAnalyticsId,
          logs: [{ categoryGroup: "allLogs", enabled: true }],
          metrics: [{ category: source === "blobs" ? "Transaction" : "AllMetrics", enabled: true }],
        },
        { parent: this },
      );
  }

  private declareActionGroup(): pulumi.Output<string> {
    return new ActionGroup(
      `${this.childName}-people`,
      {
        resourceGroupName: this.resourceGroupName,
        location: "global",
        actionGroupName: this.args.names.actionGroup,
        groupShortName: "detection",
        enabled: true,
        emailReceivers: this.args.emails.map((emailAddress) => ({
          name: emailAddress,
          emailAddress,
          useCommonAlertSchema: true,
        })),
      },
      { parent: this },
    ).id;
  }

  private declareAlert(alert: Alert, actionGroupId: pulumi.Input<string>): void {
    const scope = this.args.watched[alert.watched];
    if (scope === undefined) return;
    new MetricAlert(
      `${this.childName}-${alert.name}`,
      {
        resourceGroupName: this.resourceGroupName,
        location: "global",
        ruleName: pulumi.output(scope).apply((id) => `${id.split("/").at(-1)}-${alert.name}`),
        description: alert.description,
        enabled: true,
        severity: alert.severity,
        scopes: [scope],
        evaluationFrequency: "PT5M",
        windowSize: alert.window,
        autoMitigate: true,
        actions: [{ actionGroupId }],
        criteria: {
          odataType: "Microsoft.Azure.Monitor.SingleResourceMultipleMetricCriteria",
          allOf: [
            {
              criterionType: "StaticThresholdCriterion",
              name: alert.name,
              metricNamespace: alert.namespace,
              metricName: alert.metric,
              timeAggregation: alert.aggregation,
              operator: alert.operator,
              threshold: alert.threshold,
              dimensions: alert.dimension ? [{ ...alert.dimension, operator: "Include" }] : [],
            },
          ],
        },
      },
      { parent: this },
    );
  }

  private declareBudget(amount: number, actionGroupId: pulumi.Input<string> | undefined): void {
    const told = {
      enabled: true,
      contactEmails: [...this.args.emails],
      ...(actionGroupId ? { contactGroups: [actionGroupId] } : { contactRoles: ["Owner"] }),
    };
    new Budget(
      `${this.childName}-budget`,
      {
        scope: this.args.resourceGroupId,
        budgetName: this.args.names.budget,
        category: "Cost",
        amount,
        timeGrain: "Monthly",
        timePeriod: { startDate: `${new Date().toISOString().slice(0, 7)}-01T00:00:00Z` },
        notifications: {
          spent: { ...told, operator: "GreaterThan", threshold: 80, thresholdType: "Actual" },
          foreseen: { ...told, operator: "GreaterThan", threshold: 100, thresholdType: "Forecasted" },
        },
      },
      // It begins with the month in which it is made.
      { parent: this, ignoreChanges: ["timePeriod"] },
    );
  }
}
