import type { FastifyInstance } from "fastify";
import type { Logger } from "pino";
import type { ContainerClient } from "@azure/storage-blob";
import type { CoverageRow } from "./coverage";
import type { ActionKind } from "./rbac/permissions";
import type { Role } from "./rbac/roles";
import type { LocalClock } from "./time/clock";

/** A named, durable key-value table. What `put` or `remove` has resolved for survives kill -9. */
export interface Table<T> {
  get(key: string): T | undefined;
  /** Entries whose key begins with `prefix`, in key order. */
  list(prefix?: string): Iterable<{ key: string; value: T }>;
  /** Entries in key order from a key on, or from the one behind it on; read as they are asked for. */
  from(key: string, behind: boolean): Iterable<{ key: string; value: T }>;
  put(key: string, value: T): Promise<void>;
  remove(key: string): Promise<void>;
}

export interface Store {
  table<T>(name: string): Table<T>;
  /** Runs `action` atomically: all its writes become visible together, or none does. */
  transaction<R>(action: () => R): Promise<R>;
  close(): Promise<void>;
}

/** One ARM resource as it is stored and answered. `id` keeps the casing of its first PUT; lookups ignore case. */
export interface ResourceRecord {
  id: string;
  name: string;
  /** For example "Microsoft.MachineLearningServices/workspaces/jobs". */
  type: string;
  location?: string;
  tags?: Record<string, string>;
  sku?: Record<string, unknown>;
  kind?: string;
  identity?: Record<string, unknown>;
  etag?: string;
  systemData?: Record<string, unknown>;
  properties: Record<string, unknown>;
}

export interface ResourceStore {
  get(id: string): ResourceRecord | undefined;
  /** Direct children of `parentId` with this full ARM type. */
  list(parentId: string, type: string): ResourceRecord[];
  /** The same one by one, in the order of their ids, from the one behind `after` on: a page needs not the whole. */
  children(parentId: string, type: string, after?: string): Iterable<ResourceRecord>;
  /** Every resource below an id, parents before children. */
  below(id: string): ResourceRecord[];
  /** The same one by one, in the order of their ids, from the one behind `after` on. */
  belowFrom(id: string, after: string): Iterable<ResourceRecord>;
  /** Every resource of a full ARM type. */
  listAll(type: string): ResourceRecord[];
  put(record: ResourceRecord): Promise<void>;
  /** Merges into the stored `properties`; a no-op when the resource is gone. */
  patchProperties(id: string, patch: Record<string, unknown>): Promise<void>;
  /** Removes the resource and everything below it, together with what else `also` stores. */
  remove(id: string, also?: () => void): Promise<void>;
}

export interface PutRequest {
  id: string;
  name: string;
  type: string;
  apiVersion: string;
  /** The body, already checked against the schema of the type. */
  body: {
    location?: string;
    tags?: Record<string, string>;
    properties?: Record<string, unknown>;
    [key: string]: unknown;
  };
  /** The stored resource when this PUT is an update. */
  existing: ResourceRecord | undefined;
  principal: Principal;
}

export interface ActionRequest {
  record: ResourceRecord;
  body: unknown;
  query: Record<string, string>;
  principal: Principal;
}

export interface ActionAnswer {
  status: number;
  body?: unknown;
  headers?: Record<string, string>;
}

export interface Principal {
  objectId: string;
  clientId: string;
  name: string;
}

/** How far the local cloud has the operations of a type: `PUT`, `GET`, `LIST`, `PATCH`, `DELETE` and `POST action`. */
export interface TypeCoverage {
  /** What Azure does and this cloud does not. Operations without a gap are there in full. */
  gaps?: Readonly<Record<string, string>>;
  /** Operations of Azure that are answered with 501, and why. */
  refused?: Readonly<Record<string, string>>;
}

/** How deleted resources of a type are kept, to be recovered or purged. */
export interface SoftDelete {
  retentionDays(record: ResourceRecord): number;
  /** Whether what lies below is kept as well; what is not is deleted at once. */
  keeps(child: ResourceRecord): boolean;
  /** Property of a PUT, and its value, that asks for the deleted resource back. */
  recoverBy: readonly [property: string, value: string];
  /** Names are unique over all groups, also those of deleted resources. */
  globalName?: boolean;
  /** Why another resource cannot have the name. */
  taken(): ArmError;
}

/** What is special about a resource type. A type without one is stored and answered as it came, with provisioningState Succeeded. */
export interface TypeBehaviour {
  /** Full ARM type, compared without case. */
  type: string;
  /** Status with which a PUT that made the resource is answered; clients take no other. @default 201 */
  createdStatus?: 200;
  /** Service rules beyond the schema; throws ArmError. */
  check?(request: PutRequest, cloud: Cloud): void | Promise<void>;
  /** Properties to store and answer: the body's plus read-only ones and service defaults. */
  properties?(request: PutRequest, cloud: Cloud): Record<string, unknown> | Promise<Record<string, unknown>>;
  /**
   * Long-running part. When given, PUT answers 201 with provisioningState Creating or Updating and Azure-AsyncOperation;
   * what this returns is merged into the properties, then provisioningState becomes Succeeded. A throw makes it Failed
   * with the error in the operation. Begins again after a restart, so it must be repeatable.
   */
  provision?(record: ResourceRecord, cloud: Cloud): Promise<Record<string, unknown> | void>;
  /** Runs after the record has been stored; of long-running types after `provision`, before the resource is Succeeded. */
  afterPut?(record: ResourceRecord, created: boolean, cloud: Cloud): Promise<void> | void;
  /** Refuses a DELETE of this very resource by throwing ArmError; not asked when the resource goes with its parent. */
  beforeDelete?(record: ResourceRecord, cloud: Cloud): Promise<void> | void;
  /**
   * Ends what goes on for the resource (processes, blobs); runs before its record is removed, by its own DELETE or with a
   * parent's. Begins again after a restart, so it must be repeatable.
   */
  removed?(record: ResourceRecord, cloud: Cloud): Promise<void> | void;
  /** For the table of docs/local.md. */
  coverage?: TypeCoverage;
  /** A DELETE is answered with what it has deleted. */
  answersDeleted?: boolean;
  /** A DELETE is answered with 202, though PUTs are answered when they are done. */
  deletesLater?: boolean;
  /** Without it a deleted resource is gone. */
  softDelete?: SoftDelete;
  /** Properties computed at each read. */
  view?(record: ResourceRecord, cloud: Cloud): Record<string, unknown>;
  /** Filter of a collection GET by its query (listViewType, tag and so on). */
  listed?(record: ResourceRecord, query: Record<string, string>): boolean;
  /** POST {id}/{action}, the action's name in lower case. */
  actions?: Record<string, (request: ActionRequest, cloud: Cloud) => Promise<ActionAnswer> | ActionAnswer>;
  /** The same for actions that go on after their answer: 202 with Location, where their result is asked for. */
  longActions?: Record<string, LongAction>;
}

/** An action whose result comes later. */
export interface LongAction {
  /** Refuses it at once, by throwing ArmError. */
  check?(request: ActionRequest): void;
  /**
   * Does it; what this returns is the body of the result.
   * Begins again after a restart, so it must be repeatable.
   * @param startTime when it was asked for, ISO 8601; the same each time
   */
  run(request: { record: ResourceRecord; body: unknown; startTime: string }, cloud: Cloud): Promise<unknown>;
}

/** How the parts of the cloud let themselves be disturbed for a test. Each throws ArmError when there is no such thing. */
export interface Disturbances {
  /** Takes nodes of a cluster away: those of a job, one by its id, or any of a compute. */
  preempt(target: { job: string } | { compute: string; node?: string }, requeue: boolean): Promise<object>;
  failTrial(trial: string, error: string): Promise<object>;
  killReplica(endpoint: string, deployment: string, replica: number): Promise<object>;
  /** @param how what the model does to that share of the requests; until a restart, or until it is told {} */
  disturbDeployment(
    endpoint: string,
    deployment: string,
    how: { status?: number; slowMs?: number; share?: number },
  ): Promise<object>;
}

/** A part of the local cloud beside the ARM core: jobs, MLflow, serving. */
export interface CloudService {
  name: string;
  behaviours?: TypeBehaviour[];
  /** Of what is told neither by the behaviours nor by the routes. */
  coverage?: CoverageRow[];
  /** Data-plane routes. Bearer tokens are already checked for every route that is not marked `config: { public: true }`. */
  routes?(server: FastifyInstance, cloud: Cloud): void;
  /** Goes on with what a previous process left unfinished. */
  start?(cloud: Cloud): Promise<void>;
  stop?(): Promise<void>;
  disturbances?(cloud: Cloud): Partial<Disturbances>;
}

/** Who may do what, by the role assignments. */
export interface AccessControl {
  /** @param kind "dataAction" asks for rights on what is inside a resource, which Owner does not have */
  allows(principal: Principal, action: string, scope: string, kind?: ActionKind): boolean;
  /** @throws ArmError 403 AuthorizationFailed */
  authorize(principal: Principal, action: string, scope: string): void;
  /** The roles that a principal has at a scope, those from above included. */
  rolesOf(principal: Principal, scope: string): Role[];
  /** Goes by what is stored now; also in the blob service, once it resolves. */
  refresh(): Promise<void>;
}

/** What the parts of the local cloud share. */
export interface Cloud {
  store: Store;
  resources: ResourceStore;
  access: AccessControl;
  log: Logger;
  /** By which everything waits and expires; tests stop it and speed it up. */
  clock: LocalClock;
  /** The time of {@link clock}. */
  now(): Date;
  tenantId: string;
  subscriptionId: string;
  location: string;
  /** Base URL of ARM, MLflow, scoring and all else but blobs: https://localhost:PORT */
  url: string;
  /** Base URL of the blob service; an account is the first segment of the path. */
  blobUrl: string;
  /** The folder for working files of runs and deployments. */
  workFolder: string;
  /** Whose token it is. @throws ArmError 401 for one that is not good, or is for something else */
  authenticate(token: string, audience: string): Principal;
  /**
   * Environment for a child process, in which DefaultAzureCredential and TLS to this cloud just work.
   * @param identity whose rights it has on blobs; Resource Manager and MLflow it reaches with the rights of the service,
   * as a run of Azure ML does with the token that the service hands it
   */
  childEnvironment(identity: Principal): NodeJS.ProcessEnv;
  /** A container of a storage account of this cloud, with the service's own rights unless a principal is given. */
  container(accountName: string, containerName: string, principal?: Principal): ContainerClient;
  /** Names of the containers that the blob service has of an account. */
  containerNames(accountName: string): Promise<string[]>;
  /** An address by which anybody can read ("r") or write ("w") a blob for an hour. */
  signedUrl(accountName: string, containerName: string, blobName: string, rights: BlobRights): Promise<string>;
  /** An address of a container by which anybody can read and list what is in it, or write there as well, for an hour. */
  signedContainerUrl(accountName: string, containerName: string, rights: ContainerRights): Promise<string>;
  /** Makes a storage account known to the blob service; repeating it changes nothing. */
  addStorageAccount(accountName: string): Promise<void>;
  /** Removes a storage account from the blob service, with all its containers; repeating it changes nothing. */
  removeStorageAccount(accountName: string): Promise<void>;
}

export type BlobRights = "r" | "w";
/** Letters of a signed address. */
export type ContainerRights = "rl" | "rcwl";

/** An error in ARM's form: {"error":{"code","message","target","details"}}. */
export class ArmError extends Error {
  override readonly name = "ArmError";
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly target?: string,
    readonly details?: readonly { code: string; message: string; target?: string }[],
  ) {
    super(message);
  }
}
