import { messageOf } from "../../lib/errors";
import * as grpc from "@grpc/grpc-js";
import * as plugin from "@pulumi/pulumi/proto/plugin_pb";
import * as services from "@pulumi/pulumi/proto/provider_grpc_pb";
import * as proto from "@pulumi/pulumi/proto/provider_pb";
import * as status from "@pulumi/pulumi/proto/status_pb";
import { Any } from "google-protobuf/google/protobuf/any_pb";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import { Struct } from "google-protobuf/google/protobuf/struct_pb";
import { endWithEngine } from "../../lib/engineWatch";
import { diffInputs, type ChangeKind } from "./diff";
import type { Autonaming } from "./naming";
import { AzureNative, InitFailed, typeOf } from "./provider";
import type { Properties } from "../maps";
import { encodable, plain } from "./values";

/** The gRPC server that the engine takes for the azure-native plugin. */
const provider = new AzureNative();

const read = (struct: Struct | undefined): Properties => (struct ? (plain(struct.toJavaScript()) as Properties) : {});
const write = (properties: Properties): Struct =>
  Struct.fromJavaScript(encodable(properties) as Parameters<typeof Struct.fromJavaScript>[0]);

/** A handler that answers what a function gives, and its error as the engine wants it. */
function unary<Request, Response>(
  handle: (request: Request) => Promise<Response> | Response,
): grpc.handleUnaryCall<Request, Response> {
  return (call, callback) => {
    Promise.resolve()
      .then(() => handle(call.request))
      .then(
        (response) => callback(null, response),
        (error: unknown) => callback(toServiceError(error)),
      );
  };
}

function toServiceError(error: unknown): grpc.ServiceError {
  const message = messageOf(error);
  const metadata = new grpc.Metadata();
  if (error instanceof InitFailed) {
    const detail = new proto.ErrorResourceInitFailed();
    detail.setId(error.id);
    detail.setReasonsList([error.message]);
    detail.setProperties(write(error.outputs));
    detail.setInputs(write(error.inputs));
    const any = new Any();
    any.pack(detail.serializeBinary(), "pulumirpc.ErrorResourceInitFailed");
    const envelope = new status.Status();
    envelope.setCode(grpc.status.UNKNOWN);
    envelope.setMessage(message);
    envelope.addDetails(any);
    metadata.add("grpc-status-details-bin", Buffer.from(envelope.serializeBinary()));
  }
  return Object.assign(new Error(message), { code: grpc.status.UNKNOWN, details: message, metadata });
}

function checkResponse(inputs: Properties, failures: readonly string[] = []): proto.CheckResponse {
  const response = new proto.CheckResponse();
  response.setInputs(write(inputs));
  response.setFailuresList(
    failures.map((reason) => {
      // The reason names the property, as the real plugin has it.
      const failure = new proto.CheckFailure();
      failure.setReason(reason);
      return failure;
    }),
  );
  return response;
}

const kinds: Record<ChangeKind, [proto.PropertyDiff.Kind, proto.PropertyDiff.Kind]> = {
  add: [proto.PropertyDiff.Kind.ADD, proto.PropertyDiff.Kind.ADD_REPLACE],
  delete: [proto.PropertyDiff.Kind.DELETE, proto.PropertyDiff.Kind.DELETE_REPLACE],
  update: [proto.PropertyDiff.Kind.UPDATE, proto.PropertyDiff.Kind.UPDATE_REPLACE],
};

/** How the engine's configuration wants names to be made; undefined where it says nothing. */
function autonamingOf(options: proto.CheckRequest.AutonamingOptions | undefined): Autonaming | undefined {
  if (!options) return undefined;
  const { PROPOSE, ENFORCE } = proto.CheckRequest.AutonamingOptions.Mode;
  const mode = options.getMode();
  return {
    mode: mode === PROPOSE ? "propose" : mode === ENFORCE ? "enforce" : "disable",
    proposedName: options.getProposedName(),
  };
}

const handlers = {
  checkConfig: unary((request: proto.CheckRequest) => checkResponse(read(request.getNews()))),

  diffConfig: unary(() => {
    const response = new proto.DiffResponse();
    response.setChanges(proto.DiffResponse.DiffChanges.DIFF_NONE);
    return response;
  }),

  configure: unary((request: proto.ConfigureRequest) => {
    provider.configure(Object.fromEntries(request.getVariablesMap().toArray()));
    const response = new proto.ConfigureResponse();
    response.setSupportspreview(true);
    response.setSupportsAutonamingConfiguration(true);
    return response;
  }),

  check: unary(async (request: proto.CheckRequest) => {
    const { inputs, failures } = await provider.check(
      request.getUrn(),
      read(request.getOlds()),
      read(request.getNews()),
      request.getRandomseed_asU8(),
      autonamingOf(request.getAutonaming()),
    );
    return checkResponse(inputs, failures);
  }),

  diff: unary((request: proto.DiffRequest) => {
    const state = read(request.getOlds());
    // State of before the plugin kept its api-version with the inputs.
    const olds: Properties = { azureApiVersion: state.azureApiVersion, ...read(request.getOldInputs()) };
    const changes = diffInputs(typeOf(request.getUrn()), olds, read(request.getNews()), state);
    const response = new proto.DiffResponse();
    const { DIFF_NONE, DIFF_SOME } = proto.DiffResponse.DiffChanges;
    response.setChanges(changes.size === 0 ? DIFF_NONE : DIFF_SOME);
    const replaces = [...changes].filter(([, change]) => change.replaces).map(([path]) => path);
    response.setReplacesList(replaces);
    response.setDeletebeforereplace(replaces.length > 0 && olds.__createBeforeDelete !== true);
    response.setHasdetaileddiff(true);
    for (const [path, { kind, replaces: forces }] of changes) {
      const detail = new proto.PropertyDiff();
      detail.setKind(kinds[kind][forces ? 1 : 0]);
      detail.setInputdiff(true);
      response.getDetaileddiffMap().set(path, detail);
    }
    return response;
  }),

  create: unary(async (request: proto.CreateRequest) => {
    const inputs = read(request.getProperties());
    const response = new proto.CreateResponse();
    if (request.getPreview()) {
      response.setProperties(write(provider.previewCreate(request.getUrn(), inputs)));
      return response;
    }
    const { id, outputs } = await provider.create(request.getUrn(), inputs, request.getTimeout());
    response.setId(id);
    response.setProperties(write(outputs));
    return response;
  }),

  update: unary(async (request: proto.UpdateRequest) => {
    const inputs = read(request.getNews());
    const response = new proto.UpdateResponse();
    if (request.getPreview()) {
      const { name, location = inputs.location } = read(request.getOlds());
      response.setProperties(write({ ...inputs, name, location }));
      return response;
    }
    response.setProperties(
      write(await provider.update(request.getUrn(), request.getId(), inputs, request.getTimeout())),
    );
    return response;
  }),

  read: unary(async (request: proto.ReadRequest) => {
    const found = await provider.read(
      request.getUrn(),
      request.getId(),
      read(request.getInputs()),
      read(request.getProperties()),
    );
    const response = new proto.ReadResponse();
    if (!found) return response;
    response.setId(found.id);
    response.setProperties(write(found.outputs));
    response.setInputs(write(found.inputs));
    return response;
  }),

  delete: unary(async (request: proto.DeleteRequest) => {
    await provider.delete(request.getUrn(), request.getId(), request.getTimeout());
    return new Empty();
  }),

  invoke: unary(async (request: proto.InvokeRequest) => {
    const response = new proto.InvokeResponse();
    response.setReturn(write(await provider.invoke(request.getTok(), read(request.getArgs()))));
    return response;
  }),

  cancel: unary(() => {
    provider.arm.cancel();
    return new Empty();
  }),

  attach: unary(() => new Empty()),

  getPluginInfo: unary(() => {
    const info = new plugin.PluginInfo();
    info.setVersion("3.28.0");
    return info;
  }),
};

endWithEngine(process.argv.at(-1));
const server = new grpc.Server({ "grpc.max_receive_message_length": -1, "grpc.max_send_message_length": -1 });
server.addService(services.ResourceProviderService, handlers);
server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, port) => {
  if (error) throw error;
  // The engine reads the port from the first line.
  console.log(String(port));
});
