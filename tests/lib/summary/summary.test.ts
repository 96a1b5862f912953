import { PriceList } from "../../../lib/prices/list";
import { readUp, upSummary, type PlatformFacts } from "../../../lib/summary";

const begun = Date.parse("2026-05-01T10:00:00Z");
const workspace = "/subscriptions/SUB/resourceGroups/rg/providers/Microsoft.MachineLearningServices/workspaces/mlw";
const platform: PlatformFacts = {
  workspace: { id: workspace },
  labeling: null,
  champion: {
    model: "detector",
    version: "2",
    value: 0.75,
    job: "sweep-1",
    bestChild: "sweep-1_HD_0",
    architecture: "yolov5",
    dataVersion: "d1",
    history: [{ version: "1", value: null }],
  },
  promotion: { outcome: "promoted", reason: "better", pendingVersion: null, report: "https://st/report.html" },
  endpoint: {
    id: `${workspace}/onlineEndpoints/e`,
    name: "e",
    state: "Succeeded",
    scoringUri: "https://e/score",
    traffic: { d: 100 },
  },
};

const urn = (type: string, name: string) => `urn:pulumi:prod::p::${type}::${name}`;
const line = (event: object) => JSON.stringify({ timestamp: begun / 1000, ...event });
const done = (type: string, name: string, inputs: object, outputs: object = {}, op = "create") =>
  line({ resOutputsEvent: { metadata: { urn: urn(type, name), op, new: { inputs, outputs } } } });
const size = "Standard_NC24ads_A100_v4";
const job = (runName: string, endedAt: string | null, nodeHours: number | null, status = "Completed", op = "create") =>
  done(
    "pulumi-nodejs:dynamic/azureml:TrainingJob",
    runName,
    { jobName: runName, bounds: { vmSize: size } },
    { runName, status, trials: [{ metric: 0.5 }, { metric: null }, { metric: 0.75 }], nodeHours, endedAt },
    op,
  );
const pool = done("azure-native:containerservice:AgentPool", "gpu", { vmSize: "Standard_NC16as_T4_v3", count: 1 });
const summary = line({ summaryEvent: { durationSeconds: 61, resourceChanges: { create: 3, same: 4 } } });

function told(lines: string[], { of = platform, local = false }: { of?: PlatformFacts | null; local?: boolean } = {}) {
  const up = readUp(lines.join("\n"));
  const prices = new PriceList({ region: "eastus2", url: null });
  const calls = { up: "UP", stack: "--stack prod", local };
  return upSummary({ ...up, platform: of ?? undefined, prices, done: up, calls }, { write: () => undefined });
}

describe("the summary of an up", () => {
  test("tells what was trained and reused, what that cost by its hours, what stands, and what can be done", async () => {
    const text = await told([
      job("sweep-1", "2026-05-01T11:00:00Z", 2.5),
      job("yolo-1", "2026-04-01T11:00:00Z", 7, "Completed", "same"),
      pool,
      summary,
    ]);
    expect(text.split("\n")).toEqual([
      'Endpoint     e: Succeeded, traffic {"d":100}',
      "Champion     detector version 2 (yolov5), mAP@0.5 0.750",
      "             job sweep-1, best child sweep-1_HD_0, data version d1",
      "Gate         promoted: better",
      "             champions before: version 1 (no figure)",
      "Scoring URI  https://e/score",
      "Report       https://st/report.html",
      "Training     sweep-1: trained, 3 trials, best mAP@0.5 0.750",
      "             yolo-1: reused, since its inputs have not changed (trained 2026-04-01); best mAP@0.5 0.750",
      "Changes      3 created, 4 unchanged",
      `Cost         training: about 9.18 USD = 2.5 node hours × 3.673 USD (${size}, list price of 2026-06)`,
      "             standing: about 879 USD a month for nodes that always run (1 Standard_NC16as_T4_v3)",
      "             estimates by time and price; start and idle time of nodes, storage, logs and traffic come on top",
      "Time         61 s",
      `Next         score: npm run -s endpoint:score -- IMAGE.jpg --out scored --endpoint ${platform.endpoint.id}`,
      "             compare: AZURE_SUBSCRIPTION_ID=SUB AZURE_RESOURCE_GROUP=rg AZURE_ML_WORKSPACE=mlw npm run -s compare -- champion latest",
    ]);
  });

  test("names a job that was found and had ended before as reused, and one without hours as unknown", async () => {
    const found = await told([job("sweep-1", "2026-04-30T23:00:00Z", 3), summary]);
    expect(found).toContain("sweep-1: reused");
    expect(found).toContain("training: none");
    const unknown = await told([job("sweep-1", "2026-05-01T12:00:00Z", null), summary]);
    expect(unknown).toContain("and sweep-1, whose hours are not known");
  });

  test("counts the machines of a managed deployment among what stands", async () => {
    const managed = { endpointComputeType: "Managed", instanceType: "Standard_NC16as_T4_v3" };
    const deployment = (capacity: number, properties: object) =>
      done("pulumi-nodejs:dynamic/azureml:OnlineDeployment", "d", { capacity, properties });
    expect(await told([deployment(2, managed)])).toContain("about 1758 USD a month");
    expect(await told([deployment(2, { ...managed, endpointComputeType: "Kubernetes" })])).toContain(
      "no node always runs",
    );
  });

  test("says what is urgent first: a job that runs on, then what waits for an approval", async () => {
    const waiting = { ...platform, promotion: { ...platform.promotion, outcome: "pending", pendingVersion: "3" } };
    const text = await told([job("sweep-1", null, 1, "Running"), summary], { of: waiting });
    expect(text).toContain("Training     sweep-1: Running; the next up goes on with it");
    expect(text).toMatch(
      /Next +wait for sweep-1, and then: UP\n +approve version 3: pulumi config set --stack prod --path model\.approved 3, and then: UP\n +score:/,
    );
  });

  test("leads people to the page where they label", async () => {
    const labeling = { url: "https://labels", progress: { total: 128, left: 27 } };
    const text = await told([summary], { of: { ...platform, labeling } });
    expect(text).toContain("label: https://labels has 27 of 128 images left");
    expect(text).toContain("npm run -s labeling:refresh -- --stack prod");
    expect(await told([summary])).not.toContain("label:");
  });

  test("calls nothing paid that was local, and its figure the stand-in's", async () => {
    const text = await told([pool, summary], { local: true });
    expect(text).toMatch(/Cost +nothing here; on Azure it would be\n +training: none/);
    expect(text).toContain("by the local stand-in trainer");
    expect(text).not.toContain("AZURE_ML_WORKSPACE");
  });

  test("tells of an up that failed, or whose log was cut short, how far it got", async () => {
    const failed = line({ resOpFailedEvent: { metadata: { urn: urn("t", "x"), op: "create", new: null } } });
    const text = await told([job("sweep-1", "2026-05-01T11:00:00Z", 1), failed, '{"timestamp": 1, "resOut'], {
      of: null,
    });
    expect(text).toContain("Training     sweep-1: trained");
    expect(text).toMatch(/Changes +1 created, 1 failed, 0 unchanged/);
    expect(text).not.toMatch(/Endpoint|Next/);
  });
});
