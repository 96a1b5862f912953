import * as pulumi from "@pulumi/pulumi";
import type { ChampionModel } from "../../components/championModel";
import { DetectionEndpoint } from "../../components/detectionEndpoint";
import { managedMachines, type ServingTarget } from "../../components/servingTarget";
import type { Workspace } from "../../components/workspace";
import { servingSchema } from "../../lib/serving/config";

const made = new Map<string, Record<string, unknown>>();

beforeAll(() =>
  pulumi.runtime.setMocks({
    newResource: ({ type, name, inputs }) => {
      made.set(type.split(/[:/]/).at(-1) ?? "", inputs as Record<string, unknown>);
      const assetId = `/${name}/${(inputs as { version?: string }).version ?? ""}`;
      return {
        id: `${name}-id`,
        state: { codeVersion: "c", environmentVersion: "e", ...(inputs as object), name, assetId },
      };
    },
    call: () => ({}),
  }),
);
beforeEach(() => made.clear());

const id = (text: string) => pulumi.output(text);
const workspace = {
  id: id("/workspace"),
  keyVaultId: id("/vault"),
  location: id("eastus2"),
  placement: { resourceGroupName: id("rg"), workspaceName: id("mlw") },
} as unknown as Workspace;
const champion = { modelId: id("/models/m/1"), bestChild: id("run") } as unknown as ChampionModel;
const cluster: ServingTarget = { kind: "kubernetes", computeId: id("/compute"), instanceType: "gpu" };

/** What is declared for a configuration, by the last part of each type. */
async function declare(serving: object, target = cluster): Promise<Map<string, Record<string, unknown>>> {
  const config = servingSchema.parse(serving);
  const endpoint = new DetectionEndpoint("detection", {
    workspace,
    target,
    champion,
    heldOut: { id: "/data" },
    ...config,
  });
  await new Promise((resolve) => endpoint.deployment.apply(resolve));
  await new Promise((resolve) => endpoint.keySecretId?.apply(resolve) ?? resolve(undefined));
  return new Map(made);
}
const nameOf = (resources: Map<string, Record<string, unknown>>) => resources.get("OnlineDeployment")?.deploymentName;

describe("an endpoint", () => {
  test("serves by the champion's own scoring file, with the settings of the v1 web service", async () => {
    const resources = await declare({});
    expect(resources.get("OnlineEndpoint")).toMatchObject({ properties: { compute: "/compute", authMode: "Key" } });
    expect(resources.get("OnlineDeployment")).toMatchObject({
      capacity: 1,
      properties: {
        endpointComputeType: "Kubernetes",
        instanceType: "gpu",
        codeConfiguration: { scoringScript: "score.py" },
        appInsightsEnabled: true,
        containerResourceRequirements: {
          containerResourceRequests: { cpu: "1", memory: "50Gi" },
          containerResourceLimits: { cpu: "1", memory: "50Gi", gpu: "1" },
        },
        scaleSettings: {
          scaleType: "TargetUtilization",
          minInstances: 1,
          maxInstances: 10,
          targetUtilizationPercentage: 70,
          pollingInterval: "PT1S",
        },
        requestSettings: { requestTimeout: "PT60S", maxConcurrentRequestsPerInstance: 1, maxQueueWait: "PT0.5S" },
        livenessProbe: {
          initialDelay: "PT310S",
          period: "PT10S",
          timeout: "PT2S",
          successThreshold: 1,
          failureThreshold: 3,
        },
        readinessProbe: { initialDelay: "PT10S", failureThreshold: 30 },
      },
    });
    expect(resources.get("OnlineDeployment")?.properties).not.toHaveProperty("startupProbe");
  });

  test("has another deployment for each other setting, and the same for the same", async () => {
    const plain = nameOf(await declare({}));
    expect(plain).toMatch(/^d-[0-9a-f]{12}$/);
    expect(nameOf(await declare({}))).toBe(plain);
    const others = [
      { concurrency: 2 },
      { timeoutSeconds: 30 },
      { appInsights: false },
      { probes: { startup: {} } },
      { thresholds: { boxScore: 0.5 } },
      { autoscale: { min: 2 } },
    ];
    const names = [];
    for (const other of others) names.push(nameOf(await declare(other)));
    expect(new Set([plain, ...names]).size).toBe(others.length + 1);
  });

  test("serves an MLflow model without code and environment", async () => {
    const resources = await declare({ scoring: "mlflow", cpu: 2 });
    expect([...resources.keys()]).not.toContain("ScoringCode");
    expect([...resources.keys()]).not.toContain("AssetVersion");
    const { properties } = resources.get("OnlineDeployment") ?? {};
    expect(properties).toMatchObject({ model: "/models/m/1" });
    expect(properties).not.toHaveProperty("codeConfiguration");
    expect(properties).not.toHaveProperty("environmentId");
  });

  test("of machines has no compute, no containers' resources, and as many of them as replicas at least", async () => {
    jest.spyOn(console, "warn").mockImplementation(() => {});
    const target = managedMachines("STANDARD_NC6", "replace");
    const resources = await declare({ kind: "managed", autoscale: { min: 3 } }, target);
    expect(resources.get("OnlineEndpoint")?.properties).not.toHaveProperty("compute");
    expect(resources.get("OnlineDeployment")).toMatchObject({
      capacity: 3,
      properties: {
        endpointComputeType: "Managed",
        instanceType: "Standard_NC16as_T4_v3",
        scaleSettings: { scaleType: "Default" },
      },
    });
    expect(resources.get("OnlineDeployment")?.properties).not.toHaveProperty("containerResourceRequirements");
    const two = await declare({ kind: "managed", autoscale: { min: 2 } }, target);
    expect(nameOf(two)).not.toBe(nameOf(resources));
    expect(() => managedMachines("STANDARD_NC6", "fail")).toThrow(/serving\.vmSize is "STANDARD_NC6"/);
  });
});
