import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import * as grpc from "@grpc/grpc-js";
import * as services from "@pulumi/pulumi/proto/provider_grpc_pb";
import * as proto from "@pulumi/pulumi/proto/provider_pb";
import * as status from "@pulumi/pulumi/proto/status_pb";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import { Struct } from "google-protobuf/google/protobuf/struct_pb";
import { cloudEnvironment, withoutAzure, type CloudRecord } from "../../../local/environment";

type Properties = Record<string, unknown>;

const executable = join(__dirname, "../../../local/azureNative/bin/pulumi-resource-azure-native");

/** What is in the state of a resource that was made and then failed. */
export interface InitFailed {
  id: string;
  reasons: string[];
  inputs: Properties;
  properties: Properties;
}

/** The stand-in as the engine runs it: its process, over gRPC. */
export class Provider {
  private constructor(
    private readonly process: ChildProcess,
    private readonly client: services.ResourceProviderClient,
  ) {}

  static async start(record: CloudRecord, config: Record<string, string> = {}): Promise<Provider> {
    const process_ = spawn(executable, [], {
      env: { ...withoutAzure(process.env), ...cloudEnvironment(record) },
      stdio: ["ignore", "pipe", "inherit"],
    });
    const [line] = (await once(process_.stdout, "data")) as [Buffer];
    const client = new services.ResourceProviderClient(
      `127.0.0.1:${line.toString().trim()}`,
      grpc.credentials.createInsecure(),
    );
    const provider = new Provider(process_, client);
    const request = new proto.ConfigureRequest();
    for (const [key, value] of Object.entries(config)) request.getVariablesMap().set(key, value);
    const answer = await provider.call<proto.ConfigureResponse>("configure", request);
    expect(answer.getSupportspreview() && answer.getSupportsAutonamingConfiguration()).toBe(true);
    return provider;
  }

  async stop(): Promise<void> {
    this.client.close();
    this.process.kill();
    await once(this.process, "exit");
  }

  async check(
    token: string,
    news: Properties,
    olds: Properties = {},
  ): Promise<{ inputs: Properties; failures: string[] }> {
    const request = new proto.CheckRequest();
    request.setUrn(urnOf(token));
    request.setNews(struct(news));
    request.setOlds(struct(olds));
    request.setRandomseed(Buffer.from("seed"));
    const answer = await this.call<proto.CheckResponse>("check", request);
    return {
      inputs: plain(answer.getInputs()),
      failures: answer.getFailuresList().map((failure) => failure.getReason()),
    };
  }

  async create(token: string, inputs: Properties, timeout = 0): Promise<{ id: string; outputs: Properties }> {
    const request = new proto.CreateRequest();
    request.setUrn(urnOf(token));
    request.setProperties(struct(inputs));
    request.setTimeout(timeout);
    const answer = await this.call<proto.CreateResponse>("create", request);
    return { id: answer.getId(), outputs: plain(answer.getProperties()) };
  }

  async update(token: string, id: string, olds: Properties, news: Properties): Promise<Properties> {
    const request = new proto.UpdateRequest();
    request.setUrn(urnOf(token));
    request.setId(id);
    request.setOlds(struct(olds));
    request.setNews(struct(news));
    return plain((await this.call<proto.UpdateResponse>("update", request)).getProperties());
  }

  async read(
    token: string,
    id: string,
    inputs: Properties = {},
    state: Properties = {},
  ): Promise<{ id: string; inputs: Properties; outputs: Properties }> {
    const request = new proto.ReadRequest();
    request.setUrn(urnOf(token));
    request.setId(id);
    request.setInputs(struct(inputs));
    request.setProperties(struct(state));
    const answer = await this.call<proto.ReadResponse>("read", request);
    return { id: answer.getId(), inputs: plain(answer.getInputs()), outputs: plain(answer.getProperties()) };
  }

  async delete(token: string, id: string): Promise<void> {
    const request = new proto.DeleteRequest();
    request.setUrn(urnOf(token));
    request.setId(id);
    await this.call("delete", request);
  }

  async diff(
    token: string,
    olds: Properties,
    news: Properties,
    state: Properties = {},
  ): Promise<{ changed: boolean; replaces: string[]; deleteFirst: boolean }> {
    const request = new proto.DiffRequest();
    request.setUrn(urnOf(token));
    request.setOldInputs(struct(olds));
    request.setOlds(struct(state));
    request.setNews(struct(news));
    const answer = await this.call<proto.DiffResponse>("diff", request);
    return {
      changed: answer.getChanges() === proto.DiffResponse.DiffChanges.DIFF_SOME,
      replaces: answer.getReplacesList(),
      deleteFirst: answer.getDeletebeforereplace(),
    };
  }

  async invoke(token: string, args: Properties = {}): Promise<Properties> {
    const request = new proto.InvokeRequest();
    request.setTok(`azure-native:${token}`);
    request.setArgs(struct(args));
    return plain((await this.call<proto.InvokeResponse>("invoke", request)).getReturn());
  }

  async cancel(): Promise<void> {
    await this.call("cancel", new Empty());
  }

  private call<Answer>(method: string, request: unknown): Promise<Answer> {
    const methods = this.client as unknown as Record<
      string,
      (request: unknown, done: (error: unknown, answer: Answer) => void) => void
    >;
    return new Promise((resolve, reject) => {
      methods[method]?.call(this.client, request, (error, answer) =>
        error ? reject(error as Error) : resolve(answer),
      );
    });
  }
}

/** What a failed create or update leaves in the state. */
export function initFailed(error: grpc.ServiceError): InitFailed {
  const [details] = error.metadata.get("grpc-status-details-bin") as Buffer[];
  const [any] = status.Status.deserializeBinary(details ?? Buffer.alloc(0)).getDetailsList();
  const failed = proto.ErrorResourceInitFailed.deserializeBinary(any?.getValue_asU8() ?? new Uint8Array());
  return {
    id: failed.getId(),
    reasons: failed.getReasonsList(),
    inputs: plain(failed.getInputs()),
    properties: plain(failed.getProperties()),
  };
}

function urnOf(token: string): string {
  return `urn:pulumi:stack::project::azure-native:${token}::test`;
}

function struct(properties: Properties): Struct {
  return Struct.fromJavaScript(JSON.parse(JSON.stringify(properties)) as Parameters<typeof Struct.fromJavaScript>[0]);
}

function plain(value: Struct | undefined): Properties {
  return value ? value.toJavaScript() : {};
}
