import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { createServer, type AddressInfo, type Server } from "node:net";
import { join } from "node:path";
import { credentials } from "@grpc/grpc-js";
import { AnalyzerClient } from "@pulumi/pulumi/proto/analyzer_grpc_pb";
import * as messages from "@pulumi/pulumi/proto/analyzer_pb";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import { Struct, type JavaScriptValue } from "google-protobuf/google/protobuf/struct_pb";
import { rules } from "../../policy/rules";

const starter = join(__dirname, "..", "..", "local", "policies", "bin", "pulumi-analyzer-policy-local");
const unknown = "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7";

/** The pack in its process, asked as the engine asks it. */
describe("the policy pack", () => {
  let engine: Server;
  let pack: ChildProcess;
  let client: AnalyzerClient;
  beforeAll(async () => {
    engine = createServer((socket) => socket.destroy()).listen(0, "127.0.0.1");
    await once(engine, "listening");
    const address = `127.0.0.1:${(engine.address() as AddressInfo).port}`;
    pack = spawn(starter, [address, "."], { stdio: ["ignore", "pipe", "inherit"] });
    const [port] = (await once(pack.stdout as NodeJS.ReadableStream, "data")) as [Buffer];
    client = new AnalyzerClient(`127.0.0.1:${port.toString().trim()}`, credentials.createInsecure());
  });
  afterAll(() => {
    client.close();
    engine.close();
    pack.kill();
  });

  function analyze(
    stack: string,
    inputs: Record<string, JavaScriptValue>,
  ): Promise<messages.AnalyzeDiagnostic.AsObject[]> {
    const type = "azure-native:storage:StorageAccount";
    const request = new messages.AnalyzeRequest();
    request.setType(type);
    request.setName("images");
    request.setUrn(`urn:pulumi:${stack}::azure-ml-object-detection::${type}::images`);
    request.setProperties(Struct.fromJavaScript(inputs));
    request.setOptions(new messages.AnalyzerResourceOptions());
    return answered<messages.AnalyzeResponse>((done) => client.analyze(request, done)).then(
      (answer) => answer.toObject().diagnosticsList,
    );
  }

  const account = {
    allowBlobPublicAccess: false,
    allowSharedKeyAccess: false,
    minimumTlsVersion: "TLS1_2",
    publicNetworkAccess: "Enabled",
    tags: { application: "azure-ml-object-detection", stack: "dev" },
  };

  test("tells the engine its rules", async () => {
    const info = await answered<messages.AnalyzerInfo>((done) => client.getAnalyzerInfo(new Empty(), done));
    expect(info.getName()).toBe("object-detection");
    expect(info.getPoliciesList().map((policy) => policy.getName())).toEqual(rules.map(({ name }) => name));
  });

  test("lets through what keeps to the rules", async () => {
    expect(await analyze("dev", account)).toEqual([]);
  });

  test("says what is wrong with a resource, and how bad that is", async () => {
    const found = await analyze("dev", { ...account, allowSharedKeyAccess: true });
    expect(found).toMatchObject([
      {
        policyname: "no-shared-keys",
        enforcementlevel: messages.EnforcementLevel.MANDATORY,
        message: expect.stringContaining("allowSharedKeyAccess is true; allowed is false. Set it") as string,
      },
    ]);
  });

  test("lets through what an up with targets leaves out, which comes without inputs", async () => {
    expect(await analyze("dev", {})).toEqual([]);
  });

  test("does not take what is not known before an update for a violation", async () => {
    const [found, ...others] = await analyze("dev", { ...account, allowSharedKeyAccess: unknown });
    expect(found?.enforcementlevel).toBe(messages.EnforcementLevel.ADVISORY);
    expect(found?.message).toContain("can't be known during preview");
    expect(others).toEqual([]);
  });

  test("knows the stack, and what its level and values are configured to", async () => {
    const names = (found: messages.AnalyzeDiagnostic.AsObject[]) => found.map(({ policyname }) => policyname);
    expect(names(await analyze("prod", account))).toEqual(["no-public-endpoint", "protected-state"]);
    const config = new messages.PolicyConfig();
    config.setEnforcementlevel(messages.EnforcementLevel.ADVISORY);
    config.setProperties(Struct.fromJavaScript({ stacks: ["dev"] }));
    const request = new messages.ConfigureAnalyzerRequest();
    request.getPolicyconfigMap().set("no-public-endpoint", config);
    await answered((done) => client.configure(request, done));
    expect(names(await analyze("prod", account))).toEqual(["protected-state"]);
    expect((await analyze("dev", account))[0]).toMatchObject({
      policyname: "no-public-endpoint",
      enforcementlevel: messages.EnforcementLevel.ADVISORY,
    });
  });

  test("ends when the engine is gone", async () => {
    const ended = once(pack, "exit");
    engine.close();
    expect(await ended).toEqual([1, null]);
  }, 30_000);
});

function answered<Answer>(send: (done: (error: Error | null, answer: Answer) => void) => void): Promise<Answer> {
  return new Promise((resolve, reject) => send((error, answer) => (error ? reject(error) : resolve(answer))));
}
