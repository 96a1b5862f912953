import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from "fastify";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Logger } from "pino";
import { UserError } from "../../lib/errors";
import { cloudEnvironment, type CloudRecord } from "../environment";
import { ActivityLog } from "./arm/activityLog";
import { cloudOperations } from "./arm/cloudOperations";
import { notImplemented } from "./arm/errors";
import { lockBehaviours } from "./arm/locks";
import { retryHeaders } from "./arm/operationAnswers";
import type { openAdmin } from "./admin";
import { Operations } from "./arm/operations";
import { ArmRoutes } from "./arm/routes";
import { ScopeOperations } from "./arm/scopeOperation";
import { TypeRegistry } from "./arm/types";
import type { BlobProcess } from "./blobProcess";
import { BlobService } from "./blobService";
import { host, location, subscriptionId, tenantId } from "./constants";
import { ArmError, type Cloud, type CloudService, type Principal } from "./contracts";
import { Identity } from "./identity";
import { metadataRoutes } from "./metadata";
import { Access } from "./rbac/access";
import { seedOwner } from "./rbac/automatic";
import { authorizeDataPlane } from "./rbac/dataPlane";
import { Coverage } from "./coverage";
import { createResourceStore } from "./resources";
import { assetBehaviours } from "./services/assets";
import { modelRegistryBehaviours } from "./services/modelRegistries";
import { foundationBehaviours } from "./services/foundation";
import { kubernetesBehaviours } from "./kubernetes/clusters";
import { storageBehaviours } from "./services/storage";
import { supportingBehaviours } from "./services/supporting";
import { workspaceBehaviours } from "./services/workspace";
import { openStore } from "./store";
import { LocalClock } from "./time/clock";
import type { Certificates } from "./tls";

declare module "fastify" {
  interface FastifyRequest {
    principal: Principal;
  }
  interface FastifyContextConfig {
    /** Answered without a token of Resource Manager. */
    public?: boolean;
    /** What Azure does there and this cloud does not, for the table of docs/local.md. */
    gap?: string;
    /** False for a route that is no operation of its own. */
    listed?: boolean;
  }
}

export interface CloudSettings {
  /** Folder of all state: database, blobs, runs. */
  folder: string;
  /** Ports of the loopback to listen on. */
  port: number;
  blobPort: number;
  certificates: Certificates;
  blobProcess: BlobProcess;
  log: Logger;
  services: readonly CloudService[];
  /** Hash of the code that runs. */
  revision: string;
  /** Given when time and faults can be made by request. */
  openAdmin?: typeof openAdmin;
}

export interface RunningCloud {
  record: CloudRecord;
  stop(): Promise<void>;
}

/** Bodies hold pictures as base64. */
const largestBody = 64 * 1024 * 1024;
const longestDrainMs = 5_000;

/** Starts the local cloud in this process. */
export async function runCloud(settings: CloudSettings): Promise<RunningCloud> {
  const { folder, port, blobPort, certificates, blobProcess, log, services, revision } = settings;
  const admin = settings.openAdmin !== undefined;
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const store = openStore(join(folder, "db"));
  const url = `https://${host}:${port}`;
  const clock = await LocalClock.open(store, admin);
  const identity = await Identity.open(folder, url, clock);
  const resources = createResourceStore(store);
  await seedOwner(resources, new Date(clock.now()));
  const access: Access = new Access(resources, (grants) => blobs.setGrants(grants));
  const answerError = async (
    error: Error & { statusCode?: number; code?: string },
    request: FastifyRequest,
    reply: FastifyReply,
  ) => {
    const known = toArmError(error);
    // A client that is still sending reads no answer.
    if (known.status === 413)
      await Promise.race([once(request.raw.resume(), "end"), sleep(longestDrainMs)]).catch(() => {});
    if (known.status >= 500) log.error({ err: error, url: request.url }, "request failed");
    if (known.status === 401)
      void reply.header(
        "www-authenticate",
        `Bearer authorization_uri="${url}/${tenantId}", error="invalid_token", error_description="${headerText(known.message)}"`,
      );
    const { status, code, message, target, details } = known;
    // Such a conflict ends by itself, and soon.
    if (code === "AnotherOperationInProgress") void reply.headers(retryHeaders);
    return reply.status(status).header("x-ms-error-code", code).send({ error: { code, message, target, details } });
  };
  const server: FastifyInstance = fastify({
    https: { key: certificates.key, cert: certificates.certificate },
    bodyLimit: largestBody,
    logger: false,
    genReqId: () => randomUUID(),
    // An address with a slash at its end, and a path after it.
    rewriteUrl: ({ url = "/" }) => url.replace(/^\/{2,}/, "/"),
    forceCloseConnections: true,
    frameworkErrors: (error, request, reply) => void answerError(error, request, reply),
    routerOptions: { maxParamLength: 1000, caseSensitive: false },
  });

  // No text, which would pass for a body that is not there.
  server.removeContentTypeParser("text/plain");
  // Clients send this content type with POST and DELETE that have no body.
  server.addContentTypeParser("application/json", { parseAs: "string" }, (request, text, done) =>
    text === "" ? done(null, undefined) : server.getDefaultJsonParser("error", "error")(request, text as string, done),
  );
  const coverage = new Coverage(server);
  server.decorateRequest("principal");
  server.addHook("onRequest", async (request, reply) => {
    const { headers } = request;
    const correlationId = headers["x-ms-correlation-request-id"] ?? request.id;
    void reply.headers({
      "x-ms-request-id": request.id,
      "x-ms-correlation-request-id": correlationId,
      "x-ms-routing-request-id": `${location.toUpperCase()}:${new Date().toISOString()}:${request.id}`,
    });
    const clientId = headers["x-ms-client-request-id"];
    if (clientId !== undefined && /^true$/i.test(String(headers["x-ms-return-client-request-id"])))
      void reply.header("x-ms-client-request-id", clientId);
    if (request.routeOptions.config.public) return;
    request.principal = identity.authenticate(request);
    authorizeDataPlane(access, request.principal, request.method, request.url);
  });
  server.setErrorHandler(answerError);
  server.setNotFoundHandler((request) => {
    throw notImplemented(`operation ${request.method} ${request.url.split("?")[0]}`);
  });

  const behaviours = [
    ...foundationBehaviours,
    ...lockBehaviours,
    ...storageBehaviours,
    ...workspaceBehaviours,
    ...assetBehaviours,
    ...modelRegistryBehaviours,
    ...kubernetesBehaviours,
    ...supportingBehaviours,
    ...services.flatMap((service) => service.behaviours ?? []),
  ];
  const types = new TypeRegistry(behaviours);
  const record: CloudRecord = {
    pid: process.pid,
    url,
    blobUrl: `https://${host}:${blobPort}`,
    port,
    blobPort,
    caFile: certificates.caFile,
    identityHeader: identity.identityHeader,
    subscriptionId,
    tenantId,
    location,
    startedAt: new Date().toISOString(),
    revision,
    admin,
  };
  const blobs = await BlobService.start(blobProcess, record.blobUrl, store, identity, access.grants, clock, log);
  const cloud: Cloud = {
    store,
    resources,
    access,
    log,
    clock,
    now: () => new Date(clock.now()),
    tenantId,
    subscriptionId,
    location,
    url,
    blobUrl: record.blobUrl,
    workFolder: join(folder, "runs"),
    authenticate: (token, audience) => identity.authenticateFor(token, audience),
    childEnvironment: (principal) => ({
      ...process.env,
      ...cloudEnvironment({ ...record, identityHeader: identity.headerOf(principal) }),
    }),
    container: (account, container, principal) => blobs.container(account, container, principal),
    containerNames: (account) => blobs.containerNames(account),
    signedUrl: (account, container, blob, rights) => blobs.signedUrl(account, container, blob, rights),
    signedContainerUrl: (account, container, rights) => blobs.signedContainerUrl(account, container, rights),
    addStorageAccount: (account) => blobs.addAccount(account),
    removeStorageAccount: (account) => blobs.removeAccount(account),
  };
  const activityLog = new ActivityLog(cloud, join(folder, "activity.log"));
  const operations = new Operations(cloud, (type) => types.find(type).behaviour, activityLog);
  const others = new ScopeOperations(cloudOperations(cloud, types, operations.softDeleted, activityLog));
  coverage.register(server, types, others.all, services);
  metadataRoutes(server, cloud);
  identity.routes(server, cloud);
  for (const service of services) service.routes?.(server, cloud);
  new ArmRoutes(cloud, types, operations, others, activityLog).register(server);
  (settings.openAdmin ?? withoutAdmin)(server, cloud, services, blobProcess);

  try {
    await server.listen({ port, host: "127.0.0.1" });
  } catch (error) {
    await blobs.stop();
    await store.close();
    if ((error as NodeJS.ErrnoException).code !== "EADDRINUSE") throw error;
    throw new UserError(
      `Port ${port} of the local cloud is taken by another program. End that program, or set LOCAL_CLOUD_PORT to a free port ` +
        '(stored addresses change with it), or run "npm run local:reset" to begin anew.',
    );
  }
  operations.resume();
  for (const service of services) await service.start?.(cloud);

  return {
    record,
    async stop() {
      await server.close();
      for (const service of services) await service.stop?.();
      await blobs.stop();
      await store.close();
    },
  };
}

/** A message may quote what a client has sent. */
function headerText(message: string): string {
  return message.replaceAll('"', "'").replace(/[^\x20-\x7e]/g, "?");
}

/** Where there is no admin endpoint, whoever asks for it is told how to get one. */
function withoutAdmin(server: FastifyInstance): void {
  server.all("/local/*", { config: { listed: false } }, async () => {
    throw new ArmError(
      404,
      "AdminEndpointOff",
      "The admin endpoint of the local cloud is off. Start the cloud with it: LOCAL_ADMIN=1 npm run local:start. See docs/local.md.",
    );
  });
}

function toArmError(error: Error & { statusCode?: number; code?: string }): ArmError {
  if (error instanceof ArmError) return error;
  if (error.code === "FST_ERR_BAD_URL") return new ArmError(400, "InvalidRequestUri", error.message);
  if (error.statusCode === 400 || error instanceof SyntaxError)
    return new ArmError(400, "InvalidRequestContent", `The request content was invalid: ${error.message}`);
  if (error.statusCode === 413)
    return new ArmError(
      413,
      "RequestEntityTooLarge",
      `The request is too large: a body may have ${largestBody / 1024 / 1024} MiB.`,
    );
  if (error.statusCode === 415)
    return new ArmError(
      415,
      "UnsupportedMediaType",
      `The content media type of the request is not supported; 'application/json' is. ${error.message}`,
    );
  return new ArmError(error.statusCode ?? 500, "InternalServerError", `The local cloud failed: ${error.message}`);
}
