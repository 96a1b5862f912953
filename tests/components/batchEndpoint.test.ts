import * as pulumi from "@pulumi/pulumi";
import { BatchEndpoint } from "../../components/batchEndpoint";
import type { ChampionModel } from "../../components/championModel";
import type { GpuCluster } from "../../components/gpuCluster";
import type { Workspace } from "../../components/workspace";
import { servingSchema } from "../../lib/serving/config";

const made = new Map<string, Record<string, unknown>>();

beforeAll(() =>
  pulumi.runtime.setMocks({
    newResource: ({ type, name, inputs }) => {
      made.set(type.split(/[:/]/).at(-1) ?? "", inputs as Record<string, unknown>);
      const { version = "", deploymentName, endpointName } = inputs as Record<string, string | undefined>;
      return {
        id: `${name}-id`,
        state: {
          codeVersion: "c",
          ...(inputs as object),
          name: deploymentName ?? endpointName ?? name,
          assetId: `/${name}/${version}`,
        },
      };
    },
    call: () => ({}),
  }),
);
beforeEach(() => made.clear());

const id = (text: string) => pulumi.output(text);
const workspace = {
  id: id("/workspace"),
  location: id("eastus2"),
  placement: { resourceGroupName: id("rg"), workspaceName: id("mlw") },
} as unknown as Workspace;
const cluster = { id: id("/computes/gpu") } as unknown as GpuCluster;

async function declare(serving: object, version = "1"): Promise<Map<string, Record<string, unknown>>> {
  const { batch, thresholds } = servingSchema.parse(serving);
  if (!batch) throw new Error("the configuration has no batch");
  const champion = { modelId: id(`/models/m/${version}`), bestChild: id("run") } as unknown as ChampionModel;
  const endpoint = new BatchEndpoint("batch", {
    workspace,
    cluster,
    champion,
    environmentId: "/environment",
    thresholds,
    ...batch,
  });
  await new Promise((resolve) => endpoint.deployment.apply(resolve));
  return new Map(made);
}
const nameOf = (resources: Map<string, Record<string, unknown>>) => resources.get("BatchDeployment")?.deploymentName;

describe("a batch endpoint", () => {
  test("is there only when it is asked for", () => {
    expect(servingSchema.parse({}).batch).toBeUndefined();
  });

  test("takes Entra ID tokens, and scores by the champion's files on the training cluster", async () => {
    const resources = await declare({ batch: {}, thresholds: { boxScore: 0.4 } });
    expect(resources.get("BatchEndpoint")).toMatchObject({
      endpointName: "automl-image-batch",
      properties: { authMode: "AADToken" },
    });
    expect(resources.get("ScoringCode")).toMatchObject({ batch: true, runId: "run" });
    expect(resources.get("BatchDeployment")).toMatchObject({
      endpointId: "batch-endpoint-id",
      deploymentName: expect.stringMatching(/^d-[0-9a-f]{12}$/) as string,
      properties: {
        compute: "/computes/gpu",
        model: { referenceType: "Id", assetId: "/models/m/1" },
        codeConfiguration: { scoringScript: "batch_score.py" },
        environmentId: "/environment",
        environmentVariables: { BOX_SCORE_THRESHOLD: "0.4" },
        resources: { instanceCount: 1 },
        maxConcurrencyPerInstance: 1,
        miniBatchSize: 10,
        retrySettings: { maxRetries: 3, timeout: "PT300S" },
        errorThreshold: -1,
        outputAction: "AppendRow",
        outputFileName: "predictions.jsonl",
      },
    });
    expect(resources.get("BatchDefault")?.deployment).toBe(nameOf(resources));
  });

  test("has a deployment of another name when model or settings change, and of the same one otherwise", async () => {
    const first = nameOf(await declare({ batch: {} }));
    expect(nameOf(await declare({ batch: {} }))).toBe(first);
    const names = [
      first,
      nameOf(await declare({ batch: {} }, "2")),
      nameOf(await declare({ batch: { miniBatchSize: 20 } })),
      nameOf(await declare({ batch: {}, thresholds: { nmsIou: 0.6 } })),
    ];
    expect(new Set(names).size).toBe(names.length);
  });

  test("is refused for an MLflow model without code", () => {
    const parsed = servingSchema.safeParse({ batch: {}, scoring: "mlflow", cpu: 2 });
    expect(parsed.error?.issues.map(({ path }) => path.join("."))).toEqual(["batch"]);
  });
});
