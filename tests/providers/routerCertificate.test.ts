import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { deployer } from "../../local/emulator/constants";
import { makeCertificate, type MadeCertificate } from "../lib/serving/certificates";
import { roles, TestCloud, versions } from "../local/emulator/testCloud";
import { call } from "./driver";

interface Outputs {
  secretName: string;
  version: string;
  changed: boolean;
}

interface Checked {
  inputs: { version: string };
}

const host = "detection.example.com";

describe("the router's certificate", () => {
  let cloud: TestCloud;
  let clusterId: string;
  let secretId: string;
  let first: MadeCertificate;

  beforeAll(async () => {
    cloud = await TestCloud.start();
    const group = await cloud.group();
    clusterId = await cloud.aksCluster("aks");
    const vault = `${group}/providers/Microsoft.KeyVault/vaults/certificates`;
    const sku = { family: "A", name: "standard" };
    const properties = { tenantId: cloud.record.tenantId, sku, enableRbacAuthorization: true };
    await cloud.put(vault, versions.vaults, { location: "eastus2", properties });
    secretId = `${vault}/secrets/detection`;
    first = await makeCertificate(host);
    await store(first);
  }, 60_000);
  afterAll(() => cloud.remove());

  const store = ({ certificate, key }: MadeCertificate, contentType = "application/x-pem-file") =>
    cloud.put(secretId, versions.vaults, { properties: { value: key + certificate, contentType } });
  const inputs = (more: object = {}) => ({ clusterId, secretId, host, owner: "objdet/dev", ...more });
  const lifecycle = (method: string, ...args: unknown[]) =>
    call<Outputs>(cloud.record, "routerCertificate", method, ...args);
  const check = async (more: object = {}) => {
    const { answer, thrown, printed } = await lifecycle("check", {}, inputs(more));
    return { version: (answer as unknown as Checked | undefined)?.inputs.version, thrown, printed };
  };
  const inCluster = async (name: string, key: string) => {
    const path = `{.data.${key.replace(".", "\\.")}}`;
    const { logs } = await cloud.runCommand(clusterId, `kubectl get secret/${name} -n azureml -o jsonpath='${path}'`);
    return Buffer.from(logs, "base64").toString("utf8");
  };

  test("is refused in the preview while the identity may not read it, is none, or is for another host", async () => {
    expect((await check()).thrown?.message).toMatch(/may not read the secret .*"Key Vault Secrets User"/);
    await cloud.grant(secretId, deployer.objectId, roles.secretsUser);
    expect((await check({ secretId: `${secretId}-none` })).thrown?.message).toMatch(/may not read|is not there/);
    expect((await check({ host: "other.example.com" })).thrown?.message).toMatch(
      /cannot be used:\n {2}- it is not for other\.example\.com/,
    );
    await store(first, "application/x-pkcs12");
    expect((await check()).thrown?.message).toMatch(/it is PKCS #12: .*application\/x-pem-file/);
    await store(await makeCertificate(host, 12));
    expect((await check()).printed).toMatch(/warning: the certificate for \S+ ends on \S+, in 1[12] days/);
    await store(first);
  }, 60_000);

  test("comes into the cluster before the extension, moves with the vault's version, and goes", async () => {
    const { version } = await check();
    const made = await lifecycle("create", inputs({ version }));
    expect(made.thrown).toBeUndefined();
    const { id, outs } = made.answer ?? { id: "", outs: {} as Outputs };
    expect(await inCluster(outs.secretName, "cert.pem")).toBe(first.certificate);
    expect(await inCluster(outs.secretName, "key.pem")).toBe(first.key);
    expect((await lifecycle("diff", id, outs, inputs({ version }))).answer).toMatchObject({ changes: false });
    const settings = { sslSecret: outs.secretName, sslCname: host, allowInsecureConnections: "False" };
    await cloud.extension(clusterId, settings);
    const extension = `${clusterId}/providers/Microsoft.KubernetesConfiguration/extensions/azureml`;
    const { properties } = (await cloud.arm("GET", extension, versions.extensions)).body;
    expect(properties?.provisioningState).toBe("Succeeded");

    const second = await makeCertificate(host);
    await store(second);
    const renewed = (await check()).version;
    expect((await lifecycle("diff", id, outs, inputs({ version: renewed }))).answer).toMatchObject({
      changes: true,
      replaces: ["version"],
      deleteBeforeReplace: false,
    });
    const next = await lifecycle("create", inputs({ version: renewed }));
    expect(next.answer?.outs.secretName).not.toBe(outs.secretName);
    expect(await inCluster(next.answer?.outs.secretName ?? "", "cert.pem")).toBe(second.certificate);
    expect((await lifecycle("delete", id, outs)).thrown).toBeUndefined();
    expect((await lifecycle("read", id, outs)).answer).toEqual({});
    await store(first);
  }, 60_000);

  test("is put back when somebody changed it in the cluster", async () => {
    const { version } = await check();
    const { id = "", outs } = (await lifecycle("create", inputs({ version }))).answer ?? {};
    const other = {
      apiVersion: "v1",
      kind: "Secret",
      metadata: { name: outs?.secretName, namespace: "azureml" },
      data: { "cert.pem": Buffer.from("x".repeat(64)).toString("base64") },
    };
    await cloud.runCommand(clusterId, "kubectl replace -f a", { a: JSON.stringify(other) });
    const read = await lifecycle("read", id, outs);
    const seen = (read.answer as unknown as { props: Outputs }).props;
    expect(seen.changed).toBe(true);
    expect((await lifecycle("diff", id, seen, inputs({ version }))).answer).toMatchObject({
      changes: true,
      replaces: [],
    });
    expect((await lifecycle("update", id, seen, inputs({ version }))).answer?.outs.changed).toBe(false);
    expect(await inCluster(outs?.secretName ?? "", "cert.pem")).toBe(first.certificate);
  }, 60_000);

  test("is in no output, no message, and no log of the cloud", async () => {
    const { version } = await check();
    const made = await lifecycle("create", inputs({ version }));
    const secrets = [first.key, first.certificate].map((pem) => pem.split("\n")[1] ?? "");
    const places = [JSON.stringify(made), await readFile(join(cloud.stateFolder, "cloud", "activity.log"), "utf8")];
    for (const place of places) for (const secret of secrets) expect(place).not.toContain(secret);
  }, 60_000);
});
