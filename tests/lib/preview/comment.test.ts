import fc from "fast-check";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { commentOf, longestComment, type CommentContext } from "../../../lib/preview/comment";
import { parseDigest, type Digest } from "../../../lib/preview/digest";
import { parsePolicies } from "../../../lib/preview/policies";
import { PriceList } from "../../../lib/prices/list";

const golden = (name: string) => readFileSync(join(__dirname, "golden", name), "utf8");
const prices = () => new PriceList({ region: "eastus2", url: null });

function comment(digest: Digest, more: Partial<CommentContext> = {}): Promise<string> {
  const context = { stack: "local", prices: prices(), contract: [], policies: [], environment: {} };
  return commentOf(digest, { ...context, ...more });
}

const urn = (type: string, name: string) => `urn:pulumi:prod::azure-ml-object-detection::${type}::${name}`;
const preview = (steps: object[], diagnostics: object[] = []) => parseDigest(JSON.stringify({ steps, diagnostics }));

/** Previews of the real engine, by `npm run local -- preview --json`, without what a comment never shows. */
describe("the comment on a preview of the real engine", () => {
  test.each(["no-op", "learning-rate", "storage-replacement"])("%s", async (name) => {
    const policies = parsePolicies(golden(`${name}.events`));
    expect(await comment(parseDigest(golden(`${name}.json`)), { policies })).toBe(golden(`${name}.md`));
  });
});

describe("the comment on a preview", () => {
  test("tells what is replaced or deleted first, the irreplaceable before the rest", async () => {
    const text = await comment(
      preview([
        { op: "create", urn: urn("azure-native:storage:BlobContainer", "a-new") },
        {
          op: "delete",
          urn: urn("azure-native:authorization:RoleAssignment", "role"),
          oldState: { type: "t", custom: true },
        },
        {
          op: "replace",
          urn: urn("azure-native:keyvault:Vault", "vault"),
          replaceReasons: ["location"],
          oldState: { type: "t", protect: true },
        },
        { op: "delete-replaced", urn: urn("azure-native:keyvault:Vault", "vault") },
        { op: "create-replacement", urn: urn("azure-native:keyvault:Vault", "vault") },
      ]),
    );
    expect(text).toContain("**1 replaced, 1 deleted, 1 created**");
    const order = ["#### Replaced or deleted", "`vault`", "`role`", "#### Other changes", "`a-new`"].map((part) =>
      text.indexOf(part),
    );
    expect(order.every((at, index) => at > (order[index - 1] ?? 0))).toBe(true);
    expect(text).toContain(
      "| **replaced** | `vault` (keyvault:Vault) | `location` | ⚠️ its secrets; protected: `up` will refuse |",
    );
  });

  test("links the report of the gate's last decision, and no other address", async () => {
    const stack = (report: string) =>
      preview([
        {
          op: "same",
          urn: urn("pulumi:pulumi:Stack", "azure-ml-object-detection-prod"),
          oldState: {
            type: "pulumi:pulumi:Stack",
            outputs: { platform: { promotion: { outcome: "held", reason: "not *better*", report } } },
          },
        },
      ]);
    const report = "https://st.blob.core.windows.net/azureml/ExperimentRun/dcid.j(1)/promotion/report.html";
    expect(await comment(stack(report))).toContain(
      `- held: not \\*better\\*; [comparison of its models](${report.replace("(", "%28").replace(")", "%29")}), which takes a token`,
    );
    expect(await comment(stack("javascript:alert(1)"))).toMatch(/- held: not \\\*better\\\*$/m);
    expect(await comment(preview([]))).not.toContain("Last decision");
  });

  test("tells what a month of the nodes that always run costs more or less", async () => {
    const pool = (minCount: number, vmSize = "Standard_D4s_v5") => ({
      type: "t",
      inputs: { agentPoolProfiles: [{ name: "system", vmSize, enableAutoScaling: true, minCount, maxCount: 9 }] },
    });
    const step = (oldState: object | undefined, newState: object | undefined) =>
      preview([{ op: "update", urn: urn("azure-native:containerservice:ManagedCluster", "aks"), oldState, newState }]);
    // 0.192 USD an hour, 730 hours.
    expect(await comment(step(pool(1), pool(3)))).toContain("**+280.32 USD a month**");
    expect(await comment(step(pool(2), undefined))).toContain("**-280.32 USD a month**");
    expect(await comment(step(pool(1), pool(1)))).not.toContain("Standing costs");
    expect(await comment(step(pool(1), pool(1, "Standard_X1")))).toContain("without 1 of unknown price");
  });

  test("tells what a month of Label Studio and its database costs, by the built-in table", async () => {
    const container = {
      template: { containers: [{ resources: { cpu: 1, memory: "2Gi" } }], scale: { minReplicas: 1 } },
    };
    const server = { sku: { name: "Standard_B1ms", tier: "Burstable" }, storage: { storageSizeGB: 32 } };
    const created = (type: string, name: string, inputs: object) => ({
      op: "create",
      urn: urn(type, name),
      newState: { type: "t", inputs },
    });
    const text = await comment(
      preview([
        created("azure-native:app:ContainerApp", "labels-studio", container),
        created("azure-native:app:ContainerApp", "labels-gateway", {
          template: { ...container.template, scale: { minReplicas: 0 } },
        }),
        created("azure-native:dbforpostgresql:Server", "labels-server", server),
      ]),
    );
    // A core and two GiB for 730 hours: 78.84 USD. The server 12.41 USD, its storage 3.68.
    expect(text).toContain("**+94.93 USD a month**");
    expect(text).toMatch(/labels-server \| none \| 1 × `Standard_B1ms with 32 GiB`: 16\.09 USD \(built-in table of/);
    expect(text).not.toMatch(/labels-gateway \| none \| 1/);
  });

  test("tells what policies refuse before anything else, the mandatory first, and never a secret in it", async () => {
    const found = (enforcementLevel: string, policyName: string, message: string) =>
      JSON.stringify({
        policyEvent: {
          resourceUrn: urn("azure-native:keyvault:Vault", "vault"),
          message,
          policyName,
          enforcementLevel,
        },
      });
    const log = [
      JSON.stringify({ sequence: 0, policyLoadEvent: {} }),
      JSON.stringify({ diagnosticEvent: { message: "no policy" } }),
      found("advisory", "required-tags", "Tags.\ntags.owner is not set.\n"),
      found(
        "mandatory",
        "no-passwords",
        "<{%fg 1%}>Words.<{%reset%}>\nadminPassword is pl4nted-s3cret; allowed is none.",
      ),
    ].join("\n");
    const environment = { ADMIN_PASSWORD: "pl4nted-s3cret" };
    const text = await comment(preview([{ op: "replace", urn: urn("azure-native:keyvault:Vault", "vault") }]), {
      policies: parsePolicies(log),
      environment,
    });
    expect(text).toContain("**Policy violations: 1 mandatory, 1 advisory**; `up` will refuse.");
    const lines = text.slice(text.indexOf("####")).split("\n");
    expect(lines.slice(0, 4)).toEqual([
      "#### Policies",
      "",
      "- **mandatory** `no-passwords` on `vault` (keyvault:Vault): adminPassword is \\[secret\\]; allowed is none.",
      "- **advisory** `required-tags` on `vault` (keyvault:Vault): tags.owner is not set.",
    ]);
    expect(await comment(preview([]), { policies: parsePolicies("") })).toContain("Policies were not checked.");
    expect(() => parsePolicies('{"policyEvent": [')).toThrow(/pulumi preview --event-log FILE/);
  });

  test("tells of contract changes", async () => {
    const text = await comment(preview([]), { contract: ["endpoint.traffic: was removed (breaks consumers)"] });
    expect(text).toContain("The contract with other teams changes.");
    expect(text).toContain("- endpoint.traffic: was removed (breaks consumers)");
  });

  test("never has a secret, wherever it stands and however it is written", async () => {
    const signature = "4dabf18193072939515e22adb298388d";
    const secret = fc.stringMatching(/^[A-Za-z0-9_*|.-]{12,30}$/);
    const planted = (value: string): [Digest, NodeJS.ProcessEnv][] => {
      const where = (inputs: object, message = "fine"): Digest =>
        preview(
          [
            {
              op: "replace",
              urn: urn("pulumi-nodejs:dynamic/azureml:TrainingJob", "job"),
              oldState: { type: "t", inputs: { body: { displayName: "a" } } },
              newState: { type: "t", inputs: { baseName: "job", body: { displayName: `x ${value}`, nested: inputs } } },
            },
          ],
          [{ message: `warning: it said ${message}`, severity: "warning" }],
        );
      return [
        [where({ [signature]: "1b47061264138c4ac30d75fd1eb44270", value }, value), {}],
        [where({ [signature]: "1b47061264138c4ac30d75fd1eb44270", plaintext: JSON.stringify(value) }, value), {}],
        [where({ adminPassword: value }, JSON.stringify({ a: value })), {}],
        [where({ connectionString: [value] }, `x=${value}`), {}],
        [where({}, value), { AZURE_CLIENT_SECRET: value }],
        [{ ...where({}, value), config: { "p:token": value } }, {}],
      ];
    };
    await fc.assert(
      fc.asyncProperty(secret, async (value) => {
        for (const [digest, environment] of planted(value)) {
          const text = await comment(digest, { environment });
          expect(text).toContain("[secret]");
          // As it is, and without the marks that Markdown needs.
          expect([text, text.replaceAll("\\", "")].some((form) => form.includes(value))).toBe(false);
        }
      }),
      { numRuns: 40 },
    );
  });

  test.each([
    ["an account key", `AccountKey=${"a1B/".repeat(21)}ab==;x`, "a1B/a1B/"],
    ["a SAS", "https://a.blob.core.windows.net/c?sv=1&sig=abcDEF%2B123&se=2", "abcDEF"],
    ["a token", "it sent Bearer abcdefghij.klm", "abcdefghij"],
    ["a JWT", `eyJhbGciOiJIUzI1.eyJzdWIiOiIxMjM0.${"s".repeat(20)}`, "eyJzdWIi"],
    ["a token of GitHub", `ghp_${"A".repeat(36)}`, "AAAA"],
    ["a password in a URL", "https://user:hunter2@example.com/x", "hunter2"],
    ["a private key", "-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY-----", "MIIE"],
  ])("has not the form of %s", async (_what, message, part) => {
    const text = await comment(preview([], [{ message: `warning: ${message}`, severity: "warning" }]));
    expect(text).toContain("#### Warnings");
    expect(text).not.toContain(part);
  });

  test("values of a job's environment are not shown, only that they change", async () => {
    const job = (value: string) => ({ type: "t", inputs: { body: { environmentVariables: { HF: value } } } });
    const text = await comment(
      preview([
        {
          op: "replace",
          urn: urn("pulumi-nodejs:dynamic/azureml:TrainingJob", "job"),
          oldState: job("one1"),
          newState: job("two2"),
        },
      ]),
    );
    expect(text).toContain("`environmentVariables.HF` changes");
    expect(text).not.toMatch(/one1|two2/);
  });

  test("fits GitHub's limit with its summary, whatever the preview holds", async () => {
    const steps = Array.from({ length: 3000 }, (_, index) => ({
      op: index % 3 === 0 ? "replace" : "update",
      urn: urn("azure-native:storage:BlobContainer", `ü-container-${index}`),
      replaceReasons: ["ärea"],
    }));
    const text = await comment(preview(steps));
    expect(Buffer.byteLength(text, "utf8")).toBeLessThan(longestComment);
    expect(text).toContain("**1000 replaced, 2000 updated**");
    expect(text).toMatch(/\d+ more lines did not fit/);
    expect(text.indexOf("#### Replaced")).toBeGreaterThan(0);
  });

  test("has no markup and no mention of somebody else's making", async () => {
    const text = await comment(
      preview([], [{ message: "warning: @octocat <img src=x> | a\n# head", severity: "warning" }]),
    );
    expect(text).not.toContain("@octocat");
    expect(text).not.toMatch(/[^\\]<img/);
    expect(text.split("\n").filter((line) => line.startsWith("# "))).toEqual([]);
  });

  test.each(["", "no document", '{"steps": 1}', '{"steps": ['])("is refused for what is no preview: %p", (text) => {
    expect(() => parseDigest(text)).toThrow(/preview.*pulumi preview --json/);
  });
});
