import { zipOf } from "../../../lib/zip/write";
import { deployer } from "../../../local/emulator/constants";
import { roles, TestCloud, versions } from "./testCloud";

const audience = "6dae42f8-4368-4678-94ff-3960e28e3630";

interface Result {
  properties: { exitCode: number; logs: string; provisioningState: string };
}

describe("run-command of a cluster", () => {
  let cloud: TestCloud;
  let cluster: string;

  beforeAll(async () => {
    cloud = await TestCloud.start();
    cluster = await cloud.aksCluster("aks");
    await cloud.extension(cluster);
  }, 60_000);
  afterAll(() => cloud.remove());

  const post = (id: string, body: object) =>
    cloud.request("POST", `${id}/runCommand?api-version=${versions.clusters}`, { body });
  async function run(command: string, files: Record<string, unknown> = {}): Promise<[number, string]> {
    const texts = Object.fromEntries(
      Object.entries(files).map(([name, content]) => [
        name,
        typeof content === "string" ? content : JSON.stringify(content),
      ]),
    );
    const started = await post(cluster, { command, context: zipOf(texts).toString("base64") });
    expect(started.status).toBe(202);
    const result = await cloud.request("GET", started.headers.get("location") ?? "");
    const { properties } = result.body as unknown as Result;
    expect([result.status, properties.provisioningState]).toEqual([200, "Succeeded"]);
    return [properties.exitCode, properties.logs];
  }

  const namespace = (name: string) => ({ apiVersion: "v1", kind: "Namespace", metadata: { name } });
  const instanceType = (name: string, resources: object = { requests: amounts(), limits: amounts() }) => ({
    apiVersion: "amlarc.azureml.com/v1alpha1",
    kind: "InstanceType",
    metadata: { name },
    spec: { resources },
  });
  const amounts = (more: object = {}) => ({ cpu: "2", memory: "4Gi", ...more });

  test("applies, tells what changed, gets and deletes, as kubectl says it", async () => {
    const yaml = `apiVersion: v1\nkind: Namespace\nmetadata: {name: vision}\n---\n${JSON.stringify(instanceType("t4"))}\n`;
    expect(await run("kubectl apply -f a.yaml", { "a.yaml": yaml })).toEqual([
      0,
      "namespace/vision created\ninstancetype.amlarc.azureml.com/t4 created\n",
    ]);
    expect(await run("kubectl apply -f a.yaml", { "a.yaml": yaml })).toEqual([
      0,
      "namespace/vision unchanged\ninstancetype.amlarc.azureml.com/t4 unchanged\n",
    ]);
    const more = instanceType("t4", { requests: amounts(), limits: amounts({ "nvidia.com/gpu": 1 }) });
    expect(await run("kubectl apply -f b.json", { "b.json": more })).toEqual([
      0,
      "instancetype.amlarc.azureml.com/t4 configured\n",
    ]);
    const [status, json] = await run("kubectl get instancetype t4 -o json");
    expect([status, (JSON.parse(json) as { spec: unknown }).spec]).toEqual([0, more.spec]);
    const [, list] = await run("kubectl get ns/vision instancetypes/none -o json --ignore-not-found");
    expect((JSON.parse(list) as { items: unknown[] }).items).toHaveLength(1);
    expect((await run("kubectl get namespaces -o name"))[1].split("\n")).toEqual(
      expect.arrayContaining(["namespace/azureml", "namespace/default", "namespace/vision"]),
    );
    expect(await run("kubectl delete instancetype t4")).toEqual([0, 'instancetype.amlarc.azureml.com "t4" deleted\n']);
    expect(await run("kubectl delete instancetype t4 --ignore-not-found")).toEqual([0, ""]);
  });

  test("takes away what is not applied any more, and leaves what others have added", async () => {
    const labels = (spec: object) => ({ ...instanceType("merged"), spec: { ...instanceType("x").spec, ...spec } });
    await run("kubectl apply -f a", { a: labels({ nodeSelector: { old: "1", kept: "1" } }) });
    await run("kubectl apply -f a", { a: labels({ nodeSelector: { kept: "2" } }) });
    const [, json] = await run("kubectl get instancetype/merged -o json");
    expect((JSON.parse(json) as { spec: { nodeSelector: object } }).spec.nodeSelector).toEqual({ kept: "2" });
  });

  test.each<[string, string, Record<string, unknown>, RegExp]>([
    ["a file that there is not", "kubectl apply -f x.json", {}, /^error: the path "x\.json" does not exist\n$/],
    [
      "an object that there is not",
      "kubectl get ns none",
      {},
      /^Error from server \(NotFound\): namespaces "none" not found/,
    ],
    [
      "a type that there is not",
      "kubectl get widgets",
      {},
      /^error: the server doesn't have a resource type "widgets"/,
    ],
    [
      "a name of capitals",
      "kubectl apply -f a",
      { a: namespace("Vision") },
      /^The Namespace "Vision" is invalid: metadata\.name: .*RFC 1123 label/,
    ],
    [
      "an instance type without memory",
      "kubectl apply -f a",
      { a: instanceType("b", { requests: { cpu: "1" }, limits: amounts() }) },
      /^The InstanceType "b" is invalid: spec\.resources\.requests\.memory: Required value/,
    ],
    [
      "more requested than the limit",
      "kubectl apply -f a",
      { a: instanceType("b", { requests: amounts({ cpu: "3" }), limits: amounts() }) },
      /requests\.cpu: .*must be less than or equal to cpu limit of 2/,
    ],
    [
      "a field that there is not",
      "kubectl apply -f a",
      { a: { ...namespace("n"), data: {} } },
      /strict decoding error: unknown field "data"/,
    ],
    [
      "a kind that there is not",
      "kubectl apply -f a",
      { a: { apiVersion: "example.com/v1", kind: "Thing", metadata: { name: "t" } } },
      /no matches for kind "Thing" in version "example\.com\/v1"\nensure CRDs/,
    ],
    [
      "the end of the default namespace",
      "kubectl delete ns default",
      {},
      /^Error from server \(Forbidden\): .*may not be deleted/,
    ],
    [
      "a config map in no namespace",
      "kubectl apply -f a -n nowhere",
      { a: { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "c" } } },
      /namespaces "nowhere" not found/,
    ],
    ["another verb", "kubectl exec pod", {}, /kubectl exec is not in the local cloud/],
    ["another option", "kubectl get ns -w", {}, /is not in the local cloud/],
    ["another program", "helm list", {}, /helm is not in the local cloud/],
    ["a shell", "kubectl get ns; id", {}, /; of the shell is not in the local cloud/],
  ])("ends with status 1 for %s", async (_what, command, files, message) => {
    const [status, logs] = await run(command, files);
    expect([status, logs]).toEqual([1, expect.stringMatching(message)]);
  });

  test("applies secrets server-side, without a copy of them, and answers one value of them", async () => {
    const secret = (more: object) => ({
      apiVersion: "v1",
      kind: "Secret",
      metadata: { name: "tls", namespace: "default" },
      data: { "cert.pem": "Y2VydA==", ...more },
    });
    const applied = "secret/tls serverside-applied\n";
    const apply = "kubectl apply --server-side --force-conflicts -f a";
    expect(await run(apply, { a: secret({ "key.pem": "a2V5" }) })).toEqual([0, applied]);
    expect(await run(apply, { a: secret({ "cert.pem": "bmV3" }) })).toEqual([0, applied]);
    const value = (path: string) => run(`kubectl get secret/tls -o jsonpath='${path}'`);
    expect(await value("{.data.cert\\.pem}")).toEqual([0, "bmV3\n"]);
    expect(await value("{.data.none}")).toEqual([0, ""]);
    expect((await value("{.metadata.annotations}"))[1]).toBe("");
    expect(await value("{range .items[*]}")).toEqual([1, expect.stringContaining("is not in the local cloud")]);
    expect((await run(apply, { a: secret({ "key.pem": "no base64" }) }))[1]).toContain("illegal base64");
  });

  test("an extension whose certificate is not in the cluster fails with the reason", async () => {
    const id = `${cluster}/providers/Microsoft.KubernetesConfiguration/extensions/azureml`;
    const settings = { sslSecret: "none", sslCname: "h.example.com", allowInsecureConnections: "False" };
    await cloud.extension(cluster, settings);
    const { properties } = (await cloud.arm("GET", id, versions.extensions)).body;
    expect(properties?.provisioningState).toBe("Failed");
    await cloud.extension(cluster);
  });

  test("knows no instance types before the extension is there", async () => {
    const bare = await cloud.aksCluster("bare", {});
    const started = await post(bare, {
      command: "kubectl apply -f a",
      context: zipOf({ a: JSON.stringify(instanceType("t")) }).toString("base64"),
    });
    const { body } = await cloud.request("GET", started.headers.get("location") ?? "");
    expect((body as unknown as Result).properties).toMatchObject({
      exitCode: 1,
      logs: expect.stringMatching(/no matches for kind "InstanceType"/) as string,
    });
  });

  test("survives a kill -9, and goes with its cluster", async () => {
    const short = await cloud.aksCluster("short", {});
    const body = {
      command: "kubectl apply -f a",
      context: zipOf({ a: JSON.stringify(namespace("left")) }).toString("base64"),
    };
    const location = (await post(short, body)).headers.get("location") ?? "";
    await cloud.killAndRestart();
    expect((await cloud.request("GET", location)).body).toMatchObject({ properties: { exitCode: 0 } });
    await cloud.finish(await cloud.arm("DELETE", short, versions.clusters));
    await cloud.aksCluster("short", {});
    const again = await post(short, { command: "kubectl get ns left" });
    expect((await cloud.request("GET", again.headers.get("location") ?? "")).body).toMatchObject({
      properties: { exitCode: 1 },
    });
  }, 60_000);

  test("is refused when it is switched off, for what is no zip, and without a token of Entra ID", async () => {
    const off = await cloud.aksCluster("off", { apiServerAccessProfile: { disableRunCommand: true } });
    const command = "kubectl get ns";
    expect(await post(off, { command })).toMatchObject({
      status: 400,
      body: { error: { message: expect.stringMatching(/disabled/) as string } },
    });
    expect(await post(cluster, { command, context: "no zip" })).toMatchObject({
      status: 400,
      body: { error: { target: "context" } },
    });
    const entra = await cloud.aksCluster("entra", { aadProfile: { managed: true, enableAzureRBAC: true } });
    expect(await post(entra, { command })).toMatchObject({ status: 400, body: { error: { target: "clusterToken" } } });
    expect((await post(entra, { command, clusterToken: await cloud.token() })).status).toBe(401);
    const withToken = async () => {
      const started = await post(entra, { command, clusterToken: await cloud.token(audience) });
      return (await cloud.request("GET", started.headers.get("location") ?? "")).body as unknown as Result;
    };
    expect((await withToken()).properties).toMatchObject({
      exitCode: 1,
      logs: expect.stringMatching(/\(Forbidden\)/) as string,
    });
    await cloud.grant(entra, deployer.objectId, roles.clusterAdmin);
    expect((await withToken()).properties.exitCode).toBe(0);
  });
});
