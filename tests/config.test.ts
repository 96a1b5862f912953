import { parseConfig } from "../config";
import { hosted } from "./lib/labeling/hosted";

const data = JSON.stringify({ images: "images", annotations: "instances.json" });
const serving = JSON.stringify({ allowInsecureConnections: true });

const registryId = "/subscriptions/s/resourceGroups/g/providers/Microsoft.MachineLearningServices/registries/models";

describe("the stack's configuration", () => {
  test("takes a Label Studio of the stack's own by images that nobody can change, and says what else it needs", () => {
    const parsed = (labeling: object, network: object = {}) =>
      parseConfig({
        data,
        serving: JSON.stringify({ kind: "managed" }),
        network: JSON.stringify(network),
        labeling: JSON.stringify({ service: "labelStudio", host: "azure", azure: hosted, ...labeling }),
      }).labeling.azure;
    expect(parsed({})).toMatchObject({
      cores: 1,
      maxReplicas: 1,
      addressSpace: "10.60.0.0/26",
      database: { size: "Standard_B1ms", storageGb: 32, backupDays: 7, geoBackup: false, highAvailability: "none" },
    });
    for (const [labeling, says, network] of [
      [{ azure: undefined }, /labeling\.azure: not set; it is required/],
      [{ service: "none" }, /labeling\.host: "azure"; only Label Studio runs there/],
      [{ url: "https://labels.example.com" }, /labeling\.url: .* the stack makes the address; remove it/],
      [{ azure: { ...hosted, image: "heartexlabs/label-studio:1.23.2" } }, /labeling\.azure\.image: .*@sha256:DIGEST/],
      [{ azure: { ...hosted, addressSpace: "10.60.0.0/28" } }, /labeling\.azure\.addressSpace: .*32 addresses or more/],
      [{ azure: { ...hosted, database: { highAvailability: "sameZone" } } }, /no standby for burstable sizes/],
      [
        {},
        /labeling\.azure\.subnetId: not set; it goes with network\.subnetId/,
        {
          access: "private",
          subnetId: "/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/virtualNetworks/v/subnets/pe",
        },
      ],
    ] as const)
      expect(() => parsed(labeling, network)).toThrow(says);
  });

  test("has the walk-through's names and settings as defaults", () => {
    const config = parseConfig({ data, serving });
    expect(config).toMatchObject({
      data: { name: "cocotrain2017", imagesPrefix: "train2017" },
      compute: { name: "gpu-cluster", vmSize: "STANDARD_NC6s_V3", maxNodes: 4 },
      labeling: {
        labels: ["person", "food", "animal"],
        incrementalRefresh: true,
        mlAssist: { enabled: true, minLabeled: 75, confidence: 0.3 },
      },
      training: { jobs: ["jobs/yolov5.yml", "jobs/sweep.yml"] },
      serving: {
        clusterName: "cluster-aks-gpu",
        vmSize: "STANDARD_NC6",
        endpointName: "automl-image-test",
        cpu: 1,
        memoryGb: 50,
      },
      location: "eastus2",
    });
  });

  test("tells all mistakes at once, each with key, value and what to do", () => {
    const raw = {
      data: JSON.stringify({ images: "i", annotation: "a" }),
      compute: JSON.stringify({ maxNodes: 0 }),
      serving,
      nam: "x",
      location: "",
    };
    expect(() => parseConfig(raw)).toThrow(
      /data\.annotation: unknown key; did you mean annotations\?[\s\S]*data\.annotations: not set; it is required.*pulumi config set --path data\.annotations[\s\S]*compute\.maxNodes: 0;[\s\S]*nam: unknown key/,
    );
  });

  test("needs no local files when COCO 2017 is downloaded", () => {
    const { data: parsed } = parseConfig({ data: JSON.stringify({ source: "coco2017" }), serving });
    expect(parsed).toMatchObject({
      coco2017: { part: "train2017", baseUrl: "http://images.cocodataset.org", cacheFolder: "data/coco2017" },
    });
    const other = { source: "coco2017", coco2017: { baseUrl: "ftp://x", parts: "y" } };
    expect(() => parseConfig({ data: JSON.stringify(other), serving })).toThrow(
      /data\.coco2017\.baseUrl: "ftp:\/\/x"[\s\S]*data\.coco2017\.parts: unknown key; did you mean part\?/,
    );
  });

  test("takes values as pulumi config set --path stores them: fractions as text, digits as numbers", () => {
    const config = parseConfig({
      data: JSON.stringify({ images: "i", annotations: "a", validationFraction: "0.25" }),
      compute: JSON.stringify({ pricePerHour: "1.5" }),
      training: JSON.stringify({ deadlineMinutes: "0.5", forceToken: 2 }),
      model: JSON.stringify({ minimumMetric: "0.3", rollbackTo: 4 }),
      serving: JSON.stringify({ allowInsecureConnections: true, memoryGb: "2.5" }),
    });
    expect(config).toMatchObject({
      data: { validationFraction: 0.25 },
      compute: { pricePerHour: 1.5 },
      training: { deadlineMinutes: 0.5, forceToken: "2" },
      model: { minimumMetric: 0.3, rollbackTo: "4" },
      serving: { memoryGb: 2.5 },
    });
    expect(parseConfig({ data, serving }).compute.pricePerHour).toBeUndefined();
    expect(() => parseConfig({ data, serving, training: JSON.stringify({ deadlineMinutes: "soon" }) })).toThrow(
      /training\.deadlineMinutes: "soon"/,
    );
  });

  test("a class map takes the place of classesFrom", () => {
    const withMap = (more: object) => ({ images: "i", annotations: "a", classMap: "map.yml", ...more });
    expect(parseConfig({ data: JSON.stringify(withMap({})), serving }).data.classMap).toBe("map.yml");
    expect(() => parseConfig({ data: JSON.stringify(withMap({ classesFrom: "supercategory" })), serving })).toThrow(
      /data\.classMap: "map\.yml"; it takes the place of data\.classesFrom/,
    );
  });

  test("serves as the v1 web service did where v2's own would surprise", () => {
    expect(parseConfig({ data, serving }).serving).toMatchObject({
      kind: "kubernetes",
      scoring: "champion",
      autoscale: { min: 1, max: 10, targetUtilization: 70, refreshSeconds: 1 },
      timeoutSeconds: 60,
      concurrency: 1,
      queueSeconds: 0.5,
      appInsights: true,
      probes: {
        liveness: {
          initialDelaySeconds: 310,
          periodSeconds: 10,
          timeoutSeconds: 2,
          successThreshold: 1,
          failureThreshold: 3,
        },
        readiness: { initialDelaySeconds: 10, failureThreshold: 30 },
      },
    });
  });

  const mistakesOf = (more: object, model: object = {}) => {
    try {
      parseConfig({
        data,
        model: JSON.stringify(model),
        serving: JSON.stringify({ allowInsecureConnections: true, ...more }),
      });
      return [];
    } catch (error) {
      return (error as Error).message
        .split("\n")
        .slice(1)
        .map((line) => /^ *- ([\w.]+):/.exec(line)?.[1] ?? line)
        .sort();
    }
  };

  test("tells all mistakes of serving at once, those between keys among them", () => {
    const probes = {
      liveness: { successThreshold: 2, periodSeconds: 0 },
      readiness: { successThreshold: 3 },
      startup: { failureTreshold: 1 },
    };
    expect(
      mistakesOf({
        kind: "managed",
        timeoutSeconds: 200,
        autoscale: { min: 12 },
        concurrency: 0,
        authMode: "aad",
        probes,
      }),
    ).toEqual([
      "serving.authMode",
      "serving.autoscale.min",
      "serving.concurrency",
      "serving.probes.liveness.periodSeconds",
      "serving.probes.liveness.successThreshold",
      "serving.probes.startup.failureTreshold",
      "serving.timeoutSeconds",
    ]);
  });

  test("serves an MLflow model without code where it fits", () => {
    expect(mistakesOf({ scoring: "mlflow", thresholds: { boxScore: 0.5 } })).toEqual([
      "serving.cpu",
      "serving.scoring",
      "serving.thresholds",
    ]);
    expect(mistakesOf({ scoring: "mlflow", cpu: 2 }, { type: "mlflow_model" })).toEqual([]);
    expect(mistakesOf({ scoring: "mlflow", kind: "managed" }, { type: "mlflow_model" })).toEqual([]);
  });

  test("labels in Label Studio where the environment has its address, unless it says otherwise", () => {
    const data = JSON.stringify({ images: "i", annotations: "a" });
    const service = (labeling?: object) =>
      parseConfig({ data, ...(labeling ? { labeling: JSON.stringify(labeling) } : {}) }).labeling.service;
    delete process.env.LABEL_STUDIO_URL;
    expect(service()).toBe("azureml");
    process.env.LABEL_STUDIO_URL = "http://127.0.0.1:1";
    expect([service(), service({ service: "none" })]).toEqual(["labelStudio", "none"]);
    delete process.env.LABEL_STUDIO_URL;
  });

  test.each([
    [{ labels: ["cat", "cat"] }, /labeling\.labels: .*each label once/],
    [{ labels: [" cat"] }, /labeling\.labels\.0: " cat"; 1 to 100 characters/],
    [{ renameLabels: { person: "food" } }, /renameLabels\.person: .*still one of labeling\.labels/],
    [
      { renameLabels: { cat: "animals" } },
      /renameLabels\.cat: .*"animals" is none of labeling\.labels \(person, food, animal\)/,
    ],
    [{ service: "labelstudio" }, /labeling\.service: "labelstudio"/],
    [{ instructionsUrl: "https://x.test" }, /labeling\.instructionsUrl: unknown key; did you mean instructions/],
    [{ url: "ftp://x" }, /labeling\.url: "ftp:\/\/x"; an http or https address/],
  ])("refuses of labeling %j", (labeling, problem) => {
    const data = JSON.stringify({ images: "i", annotations: "a" });
    expect(() => parseConfig({ data, labeling: JSON.stringify(labeling) })).toThrow(problem);
  });

  const given = (more: Record<string, object>) =>
    parseConfig({ data, serving, ...Object.fromEntries(Object.entries(more).map(([k, v]) => [k, JSON.stringify(v)])) });

  test("is public, unwatched and unprotected unless an environment asks for more", () => {
    expect(given({})).toMatchObject({
      network: { access: "public" },
      monitoring: { diagnostics: false, emails: [] },
      protection: {
        protect: false,
        locks: false,
        redundancy: "LRS",
        blobRetentionDays: 0,
        vaultPurgeProtection: false,
      },
      existing: {},
      model: { source: "train" },
    });
    expect(given({}).encryption).toBeUndefined();
  });

  const source = "stack:organization/azure-ml-object-detection/staging";
  test.each<[string, Record<string, object>, RegExp]>([
    [
      "private access to a cluster",
      { network: { access: "private" } },
      /network\.access: "private"; .*serving\.kind to "managed"/,
    ],
    [
      "a subnet by its name",
      { network: { subnetId: "endpoints" } },
      /network\.subnetId: "endpoints"; \/subscriptions\/S\//,
    ],
    ["a network without a mask", { network: { addressSpace: "10.0.0.0" } }, /an IPv4 range such as 10\.40\.0\.0\/24/],
    [
      "a vault where an account is meant",
      { existing: { storageAccountId: "/subscriptions/s/resourceGroups/g/providers/Microsoft.KeyVault/vaults/v" } },
      /existing\.storageAccountId: .*providers\/Microsoft\.Storage\/storageAccounts\/NAME/,
    ],
    [
      "a key without a version",
      { encryption: { keyId: "https://v/keys/k" } },
      /encryption\.keyVaultId: not set[\s\S]*https:\/\/VAULT\/keys\/NAME\/VERSION/,
    ],
    [
      "a name where an address is meant",
      { monitoring: { emails: ["me"] } },
      /monitoring\.emails\.0: "me"; an email address/,
    ],
    [
      "a stack by half its name",
      { model: { source: "stack:staging" } },
      /model\.source: .*train, registry, or stack:ORG\/PROJECT\/STACK/,
    ],
    [
      "a schedule where nothing is trained",
      { model: { source }, training: { schedule: { cron: "0 3 * * 1" } } },
      /training\.schedule: .*remove the schedule, or set model\.source to "train"/,
    ],
    [
      "a registry without the stack whose champion is taken",
      { model: { source: "registry", registry: { id: registryId } } },
      /model\.registry\.stack: .*the stack whose champion is taken/,
    ],
    [
      "a registry that is not named",
      { model: { source: "registry" } },
      /model\.registry\.id: .*the ARM id of the registry[^]*model\.registry\.stack: .*the stack whose champion is taken/,
    ],
    [
      "a stack of a registry that nothing is taken from",
      { model: { registry: { id: registryId, stack: "o/p/staging" } } },
      /model\.registry\.stack: .*only model\.source "registry"/,
    ],
    [
      "two sources",
      { model: { source: "stack:o/p/staging", registry: { id: registryId, stack: "o/p/staging" } } },
      /model\.registry\.stack: .*only model\.source "registry"/,
    ],
    [
      "a registry of images",
      { model: { registry: { id: registryId.replace("MachineLearningServices", "ContainerRegistry") } } },
      /model\.registry\.id: .*\/providers\/Microsoft\.MachineLearningServices\/registries\/NAME/,
    ],
    [
      "a tag of a name that Azure refuses",
      { tags: { "a<b": "x" } },
      /tags\.a<b: its name is not allowed; .*without < >/,
    ],
    [
      "a day of the month",
      { training: { schedule: { cron: "0 3 1 * *" } } },
      /training\.schedule\.cron: .*ignores the day of the month/,
    ],
  ])("refuses %s", (_what, config, problem) => expect(() => given(config)).toThrow(problem));
});
