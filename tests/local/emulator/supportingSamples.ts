import type { Sample } from "./everyType";

/** One resource of each type that stands around the flow, parents first, into a group that is there. */
export function supportingSamples(group: string, workspace: string, account: string): Sample[] {
  const location = "eastus2";
  const provider = (path: string) => `${group}/providers/${path}`;
  const network = provider("Microsoft.Network/virtualNetworks/vnet");
  const subnet = `${network}/subnets/endpoints`;
  const endpoint = provider("Microsoft.Network/privateEndpoints/pe");
  const zone = provider("Microsoft.Network/privateDnsZones/privatelink.api.azureml.ms");
  const actions = provider("Microsoft.Insights/actionGroups/oncall");
  const subscription = group.split("/").slice(0, 3).join("/");
  const environment = provider("Microsoft.App/managedEnvironments/apps");
  const server = provider("Microsoft.DBforPostgreSQL/flexibleServers/every-pg");
  const identity = provider("Microsoft.ManagedIdentity/userAssignedIdentities/mine");
  const networking = "2024-05-01";
  const databases = "2025-08-01";
  const body = (properties: object) => ({ properties });
  return [
    {
      id: provider("Microsoft.Network/networkSecurityGroups/nsg"),
      apiVersion: networking,
      body: {
        location,
        properties: {
          securityRules: [
            {
              name: "deny",
              properties: {
                access: "Deny",
                direction: "Inbound",
                priority: 100,
                protocol: "*",
                sourceAddressPrefix: "*",
                sourcePortRange: "*",
                destinationAddressPrefix: "*",
                destinationPortRange: "*",
              },
            },
          ],
        },
      },
    },
    {
      id: network,
      apiVersion: networking,
      body: { location, properties: { addressSpace: { addressPrefixes: ["10.0.0.0/16"] } } },
    },
    {
      id: subnet,
      apiVersion: networking,
      body: body({ addressPrefix: "10.0.1.0/24", privateEndpointNetworkPolicies: "Disabled" }),
    },
    {
      id: endpoint,
      apiVersion: networking,
      body: {
        location,
        properties: {
          subnet: { id: subnet },
          privateLinkServiceConnections: [
            { name: "ws", properties: { privateLinkServiceId: workspace, groupIds: ["amlworkspace"] } },
          ],
        },
      },
    },
    { id: zone, apiVersion: "2024-06-01", body: { location: "global", properties: {} } },
    {
      id: `${zone}/virtualNetworkLinks/vnet`,
      apiVersion: "2024-06-01",
      body: { location: "global", properties: { registrationEnabled: false, virtualNetwork: { id: network } } },
    },
    {
      id: `${zone}/A/*`,
      apiVersion: "2024-06-01",
      body: body({ ttl: 300, aRecords: [{ ipv4Address: "10.0.1.4" }] }),
    },
    {
      id: `${endpoint}/privateDnsZoneGroups/default`,
      apiVersion: networking,
      body: body({ privateDnsZoneConfigs: [{ name: "api", properties: { privateDnsZoneId: zone } }] }),
    },
    {
      id: `${workspace}/providers/Microsoft.Insights/diagnosticSettings/logs`,
      apiVersion: "2021-05-01-preview",
      body: body({
        workspaceId: provider("Microsoft.OperationalInsights/workspaces/logs"),
        logs: [{ categoryGroup: "allLogs", enabled: true }],
      }),
    },
    {
      id: actions,
      apiVersion: "2024-10-01-preview",
      body: {
        location: "Global",
        properties: {
          groupShortName: "oncall",
          enabled: true,
          emailReceivers: [{ name: "team", emailAddress: "team@example.org", useCommonAlertSchema: true }],
        },
      },
    },
    {
      id: provider("Microsoft.Insights/metricAlerts/busy"),
      apiVersion: "2018-03-01",
      body: {
        location: "global",
        properties: {
          severity: 2,
          enabled: true,
          scopes: [workspace],
          evaluationFrequency: "PT5M",
          windowSize: "PT15M",
          criteria: {
            "odata.type": "Microsoft.Azure.Monitor.SingleResourceMultipleMetricCriteria",
            allOf: [
              {
                criterionType: "StaticThresholdCriterion",
                name: "failed",
                metricName: "Failed Runs",
                operator: "GreaterThan",
                threshold: 0,
                timeAggregation: "Total",
              },
            ],
          },
          actions: [{ actionGroupId: actions }],
        },
      },
    },
    {
      id: provider("Microsoft.Insights/scheduledQueryRules/errors"),
      apiVersion: "2025-01-01-preview",
      body: {
        location,
        properties: {
          severity: 3,
          enabled: true,
          scopes: [provider("Microsoft.OperationalInsights/workspaces/logs")],
          evaluationFrequency: "PT15M",
          windowSize: "PT15M",
          criteria: {
            allOf: [{ query: "AmlJobEvent", timeAggregation: "Count", operator: "GreaterThan", threshold: 0 }],
          },
        },
      },
    },
    {
      id: `${group}/providers/Microsoft.Consumption/budgets/monthly`,
      apiVersion: "2024-08-01",
      body: body({
        category: "Cost",
        amount: 500,
        timeGrain: "Monthly",
        timePeriod: { startDate: "2026-11-01T00:00:00Z" },
        notifications: {
          most: { enabled: true, operator: "GreaterThan", threshold: 80, contactEmails: ["team@example.org"] },
        },
      }),
    },
    {
      id: `${subscription}/providers/Microsoft.Authorization/policyDefinitions/keys-off`,
      apiVersion: "2025-01-01",
      body: {
        properties: {
          mode: "Indexed",
          parameters: { effect: { type: "String", defaultValue: "Deny", allowedValues: ["Deny", "Audit"] } },
          policyRule: {
            if: { field: "Microsoft.Storage/storageAccounts/allowSharedKeyAccess", notEquals: "false" },
            then: { effect: "[parameters('effect')]" },
          },
        },
      },
    },
    {
      id: `${subscription}/providers/Microsoft.Authorization/policySetDefinitions/baseline`,
      apiVersion: "2025-01-01",
      body: {
        properties: {
          policyDefinitions: [
            {
              policyDefinitionId: `${subscription}/providers/Microsoft.Authorization/policyDefinitions/keys-off`,
              parameters: { effect: { value: "Audit" } },
            },
          ],
        },
      },
    },
    {
      id: `${group}/providers/Microsoft.Authorization/policyAssignments/no-keys`,
      apiVersion: "2025-01-01",
      body: body({
        displayName: "No keys",
        policyDefinitionId: "/providers/Microsoft.Authorization/policyDefinitions/8c6a50c6-9ffd-4ae7-986f-5fa6111f9a54",
        enforcementMode: "Default",
      }),
    },
    {
      id: `${group}/providers/Microsoft.Authorization/policyExemptions/for-now`,
      apiVersion: "2022-07-01-preview",
      body: body({
        displayName: "Until it is moved",
        policyAssignmentId: `${group}/providers/Microsoft.Authorization/policyAssignments/no-keys`,
        exemptionCategory: "Waiver",
        expiresOn: "2031-01-01T00:00:00Z",
        assignmentScopeValidation: "Default",
        resourceSelectors: [{ name: "here", selectors: [{ kind: "resourceLocation", in: ["eastus2"] }] }],
      }),
    },
    {
      id: provider("Microsoft.ContainerRegistry/registries/everycr"),
      apiVersion: "2023-01-01-preview",
      body: { location, sku: { name: "Premium" }, properties: { adminUserEnabled: false } },
    },
    {
      id: environment,
      apiVersion: "2025-02-02-preview",
      body: { location, properties: { zoneRedundant: false } },
    },
    {
      id: provider("Microsoft.App/containerApps/web"),
      apiVersion: "2025-02-02-preview",
      body: {
        location,
        properties: {
          environmentId: environment,
          configuration: { secrets: [{ name: "key", value: "hush" }], ingress: { external: true, targetPort: 80 } },
          template: { containers: [{ name: "web", image: "nginx", resources: { cpu: 0.5, memory: "1Gi" } }] },
        },
      },
    },
    {
      id: provider("Microsoft.App/containerApps/web/authConfigs/current"),
      apiVersion: "2025-02-02-preview",
      body: body({
        platform: { enabled: true },
        globalValidation: { unauthenticatedClientAction: "Return401" },
        identityProviders: {
          azureActiveDirectory: { registration: { clientId: "c", clientSecretSettingName: "key" } },
        },
      }),
    },
    {
      id: server,
      apiVersion: databases,
      body: {
        location,
        sku: { name: "Standard_B1ms", tier: "Burstable" },
        properties: {
          version: "16",
          administratorLogin: "cvat",
          administratorLoginPassword: "hush-Hush-1",
          storage: { storageSizeGB: 32 },
        },
      },
    },
    { id: `${server}/databases/cvat`, apiVersion: databases, body: body({ charset: "UTF8", collation: "en_US.utf8" }) },
    {
      id: `${server}/firewallRules/office`,
      apiVersion: databases,
      body: body({ startIpAddress: "10.0.0.1", endIpAddress: "10.0.0.9" }),
    },
    {
      id: `${server}/configurations/azure.extensions`,
      apiVersion: databases,
      body: body({ value: "PG_TRGM", source: "user-override" }),
    },
    {
      id: `${identity}/federatedIdentityCredentials/aks`,
      apiVersion: "2023-01-31",
      body: body({
        issuer: "https://localhost/oidc",
        subject: "system:serviceaccount:default:web",
        audiences: ["api://AzureADTokenExchange"],
      }),
    },
    {
      id: `${account}/managementPolicies/default`,
      apiVersion: "2024-01-01",
      body: body({
        policy: {
          rules: [
            {
              name: "old",
              type: "Lifecycle",
              enabled: true,
              definition: {
                filters: { blobTypes: ["blockBlob"], prefixMatch: ["azureml/"] },
                actions: { baseBlob: { delete: { daysAfterModificationGreaterThan: 90 } } },
              },
            },
          ],
        },
      }),
    },
    {
      id: `${workspace}/outboundRules/pypi`,
      apiVersion: "2025-12-01",
      body: body({ type: "FQDN", category: "UserDefined", destination: "pypi.org" }),
    },
  ];
}
