import { z } from "zod";
import { configurationFiles, readComments } from "../../commands/configuration/comments";
import { configurationKeys } from "../../commands/configuration/keys";
import { parseConfig, schema } from "../../config";
import { hosted } from "../lib/labeling/hosted";

const comments = readComments(...configurationFiles);
const keys = configurationKeys(schema, comments);

/** Keys whose value wants another key beside it; the program says so. */
const dependent = new Set([
  ...["serving.scoring", "serving.tls.keyVaultSecretId", "training.data"],
  ...[
    "network.access",
    "model.source",
    "model.registry.stack",
    "labeling.azure.database.highAvailability",
    "labeling.azure.subnetId",
  ],
]);

/** A stack that is complete but for the key under test. */
const complete = {
  data: { images: "i", annotations: "a" },
  model: {
    registry: { id: "/subscriptions/s/resourceGroups/g/providers/Microsoft.MachineLearningServices/registries/models" },
  },
  encryption: {
    keyVaultId: "/subscriptions/S/resourceGroups/G/providers/Microsoft.KeyVault/vaults/V",
    keyId: "https://v.vault.azure.net/keys/K/1",
  },
  training: { schedule: { cron: "0 3 * * 1" } },
  serving: { tls: { sslSecret: "s", sslCname: "c" }, existingCluster: { id: "" } },
  labeling: { service: "labelStudio", host: "azure", azure: hosted },
};

/** The raw configuration with one value more, as `pulumi config set --path` stores it. */
function withValue(path: string, example: string): Record<string, string> {
  const whole = JSON.parse(JSON.stringify(complete)) as Record<string, Record<string, unknown>>;
  delete (whole.serving as { existingCluster?: object }).existingCluster;
  // All that is said of another host is refused beside this one.
  if (!/^labeling\.(host|azure)/.test(path)) delete whole.labeling;
  const steps = path.split(".");
  const last = steps.pop() ?? "";
  let node: Record<string, unknown> = whole;
  for (const step of steps) node = (node[step] ??= {}) as Record<string, unknown>;
  node[last] = /^(-?\d+|true|false|[[{].*)$/.test(example) ? (JSON.parse(example) as unknown) : example;
  return Object.fromEntries(
    Object.entries(whole).map(([key, value]) => [key, typeof value === "string" ? value : JSON.stringify(value)]),
  );
}

describe("the reference of the configuration", () => {
  test("has every key of the schema, in the program's own words", () => {
    expect(keys.length).toBeGreaterThan(70);
    expect(keys.find(({ path }) => path === "serving.rollout.steps")).toEqual({
      path: "serving.rollout.steps",
      type: "list of whole number",
      default: "[10,50,100]",
      allowed: "rising whole percentages, the last one 100, such as [10, 50, 100]",
      example: "[10,50,100]",
      description: "Percent of the traffic that it has one after the other.",
      isSection: false,
    });
    expect(keys.find(({ path }) => path === "training.onInterrupt")).toMatchObject({
      default: '"detach"',
      allowed: "`detach`, `cancel`",
      example: "cancel",
    });
  });

  test("gives examples that the program takes", () => {
    const settable = keys.filter(({ isSection, path }) => !isSection && !path.startsWith("serving.existingCluster."));
    const problems = settable.flatMap(({ path, example }) => {
      const problem = problemOf(withValue(path, example));
      return problem === undefined || dependent.has(path) ? [] : [`${path}: ${problem}`];
    });
    expect(problems).toEqual([]);
  });

  test("is refused while a key has no words or no value to show", () => {
    const more = z.strictObject({ secretKnob: z.string().optional() });
    expect(() => configurationKeys(more, comments)).toThrow(
      /secretKnob: it has no comment[\s\S]*secretKnob: it has no default; give an @example/,
    );
  });
});

function problemOf(raw: Record<string, string>): string | undefined {
  try {
    parseConfig(raw);
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}
