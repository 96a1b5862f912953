import { once } from "node:events";
import { deployer } from "../../local/emulator/constants";
import { roles, TestCloud } from "../local/emulator/testCloud";
import { call, outcome, start } from "./driver";

interface Outputs {
  drift: string[];
}

const spec = {
  nodeSelector: { agentpool: "gpu" },
  resources: { requests: { cpu: "4", memory: "20Gi" }, limits: { cpu: "4", memory: "20Gi", "nvidia.com/gpu": "1" } },
};

describe("the objects of serving in a cluster", () => {
  let cloud: TestCloud;
  let cluster: string;

  beforeAll(async () => {
    cloud = await TestCloud.start();
    cluster = await clusterWithExtension("aks", { aadProfile: { managed: true, enableAzureRBAC: true } });
  }, 60_000);
  afterAll(() => cloud.remove());

  async function clusterWithExtension(name: string, more: object): Promise<string> {
    const id = await cloud.aksCluster(name, more);
    await cloud.extension(id);
    return id;
  }

  const inputs = (more: object = {}) => ({
    clusterId: cluster,
    owner: "objdet/dev",
    namespace: "vision",
    instanceTypes: { gpu: spec },
    ...more,
  });
  const lifecycle = (method: string, ...args: unknown[]) =>
    call<Outputs>(cloud.record, "clusterObjects", method, ...args);
  const id = () => `${cluster}/namespaces/vision`;
  const made = ["Namespace/vision", "InstanceType/gpu"];
  const read = async (state: object) =>
    (await lifecycle("read", id(), state)).answer as unknown as { id?: string; props: Outputs };

  const kubectl = (command: string, object?: object) =>
    cloud.runCommand(cluster, command, object && { "o.json": JSON.stringify(object) });
  const liveSpec = async () =>
    (JSON.parse((await kubectl("kubectl get instancetype/gpu -o json")).logs) as { spec: unknown }).spec;

  test("are made once the role has reached the cluster", async () => {
    const child = start(cloud.record, "clusterObjects", "create", [inputs()]);
    const ended = outcome<Outputs>(child);
    const [told] = (await once(child.stdout!, "data")) as [Buffer];
    expect(told.toString("utf8")).toContain("a new role takes some minutes");
    await cloud.grant(cluster, deployer.objectId, roles.clusterAdmin);
    const made = await ended;
    expect(made).toMatchObject({ answer: { id: id(), outs: { drift: [] } } });
    expect(await liveSpec()).toEqual(spec);
    expect((await kubectl("kubectl get ns vision")).exitCode).toBe(0);
    expect(JSON.stringify(made?.answer)).not.toMatch(/token|kubeconfig|certificate/i);
  }, 60_000);

  test("that somebody changed or removed are told by a refresh and put back, with nothing added left", async () => {
    const state = { ...inputs(), drift: [], made };
    expect((await read(state)).props.drift).toEqual([]);
    await kubectl("kubectl apply -f o.json", {
      apiVersion: "amlarc.azureml.com/v1alpha1",
      kind: "InstanceType",
      metadata: { name: "gpu" },
      spec: { ...spec, nodeSelector: { agentpool: "gpu", zone: "1" } },
    });
    await kubectl("kubectl delete ns vision");
    const seen = await read(state);
    expect(seen.props.drift).toEqual([
      "namespace vision is missing",
      expect.stringMatching(/^instance type gpu was changed: .*zone/),
    ]);
    const { answer } = await lifecycle("diff", id(), seen.props, inputs());
    expect(answer).toMatchObject({ changes: true, replaces: [] });
    expect((await lifecycle("update", id(), seen.props, inputs())).answer?.outs.drift).toEqual([]);
    expect(await liveSpec()).toEqual(spec);
  }, 60_000);

  test("of another stack are used as they are when equal, and never overwritten", async () => {
    const same = await lifecycle("create", inputs({ owner: "objdet/other" }));
    expect(same.thrown).toBeUndefined();
    const smaller = { ...spec, resources: { ...spec.resources, requests: { cpu: "1", memory: "2Gi" } } };
    const refused = await lifecycle("create", inputs({ owner: "objdet/other", instanceTypes: { gpu: smaller } }));
    expect(refused.thrown?.message).toMatch(/"gpu" is there and was made by objdet\/dev: set serving\.instanceType/);
    await lifecycle("delete", id(), { ...inputs({ owner: "objdet/other" }), drift: [], made: [] });
    expect(await liveSpec()).toEqual(spec);
    expect((await kubectl("kubectl get ns vision")).exitCode).toBe(0);
  }, 60_000);

  test("go on destroy, but a namespace stays with what others have in it", async () => {
    const config = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "theirs", namespace: "vision" } };
    await kubectl("kubectl apply -f o.json", config);
    const kept = await lifecycle("delete", id(), { ...inputs(), drift: [], made });
    expect([kept.thrown, kept.printed]).toEqual([undefined, "Namespace vision stays: configmap/theirs is still in it"]);
    expect((await kubectl("kubectl get instancetype gpu")).exitCode).toBe(1);
    await kubectl("kubectl delete configmap theirs -n vision");
    await lifecycle("delete", id(), { ...inputs(), drift: [], made });
    expect((await kubectl("kubectl get ns vision")).exitCode).toBe(1);
    expect((await read({ ...inputs(), drift: [], made })).id).toBeUndefined();
  }, 60_000);

  test("cannot be made where run-command is off, and are gone with their cluster", async () => {
    const off = await clusterWithExtension("off", { apiServerAccessProfile: { disableRunCommand: true } });
    const refused = await lifecycle("create", inputs({ clusterId: off }));
    expect(refused.thrown?.message).toMatch(/run-command switched off.*disableRunCommand.*--enable-run-command/);
    const gone = { ...inputs({ clusterId: `${cluster}x` }), drift: [], made };
    expect((await lifecycle("delete", "x", gone)).thrown).toBeUndefined();
    expect((await lifecycle("read", "x", gone)).answer).toEqual({});
  }, 60_000);
});
