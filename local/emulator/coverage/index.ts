import type { FastifyInstance } from "fastify";
import { tenantId } from "../constants";
import type { ScopeOperation } from "../arm/scopeOperation";
import type { TypeRegistry } from "../arm/types";
import type { CloudService } from "../contracts";
import { blobRows } from "./blobs";

/** An operation, and how far the local cloud has it. */
export interface CoverageRow {
  /** A resource type, or the service that a path belongs to. */
  subject: string;
  /** `PUT`, `GET`, `LIST`, `PATCH`, `DELETE`, `POST action`, or method and path. */
  operation: string;
  state: "full" | "partial" | "refused";
  /** What Azure does and this cloud does not, or why it is refused. */
  gap?: string;
}

/** What clients of the flow meet, and no table or route of the cloud tells of. */
const absentRows: readonly CoverageRow[] = [
  ...["PUT", "DELETE"].map((operation): CoverageRow => {
    const gap =
      "templates are not evaluated, as no step of the flow has one: az deployment, Bicep and workspaces.begin_create of azure-ai-ml need them";
    return { subject: "Microsoft.Resources/deployments", operation, state: "refused", gap };
  }),
  {
    subject: "Key Vault",
    operation: "PUT, LIST, DELETE of secrets, keys, certificates",
    state: "refused",
    gap: "at a vault's own address secrets are read alone; they are written through Resource Manager",
  },
];

/** What the local cloud has, from the tables and routes that it answers by. */
export class Coverage {
  private readonly routes: CoverageRow[] = [];

  /** To be made before the first route. */
  constructor(server: FastifyInstance) {
    server.addHook("onRoute", ({ method, url, config }) => {
      if (config?.listed === false) return;
      for (const one of [method].flat())
        if (one !== "HEAD" && one !== "OPTIONS") this.routes.push(routeRow(one, url, config?.gap));
    });
  }

  /** The table as data, for who asks and for docs/local.md. */
  register(
    server: FastifyInstance,
    types: TypeRegistry,
    operations: readonly ScopeOperation[],
    services: readonly CloudService[],
  ): void {
    const rows = () => [
      ...typeRows(types),
      ...operations.map(operationRow),
      ...this.routes,
      ...blobRows,
      ...absentRows,
      ...services.flatMap((service) => service.coverage ?? []),
    ];
    server.get("/coverage", { config: { public: true, listed: false } }, async () => ({ value: rows() }));
  }
}

function row(subject: string, operation: string, gap: string | undefined): CoverageRow {
  return gap === undefined ? { subject, operation, state: "full" } : { subject, operation, state: "partial", gap };
}

function typeRows(types: TypeRegistry): CoverageRow[] {
  return types.all().flatMap(({ type, noPatch, singleton, behaviour }) => {
    const { gaps = {}, refused = {} } = behaviour?.coverage ?? {};
    const actions = Object.keys({ ...behaviour?.actions, ...behaviour?.longActions }).map((name) => `POST ${name}`);
    const methods = ["PUT", "GET", "LIST", ...(noPatch ? [] : ["PATCH"]), ...(singleton ? [] : ["DELETE"])];
    const known = [...methods, ...actions].filter((operation) => !(operation in refused));
    return [
      ...known.map((operation) => row(type, operation, gaps[operation])),
      ...Object.entries(refused).map(([operation, gap]): CoverageRow => {
        return { subject: type, operation, state: "refused", ...(gap ? { gap } : {}) };
      }),
    ];
  });
}

function operationRow({ method, path, gap }: ScopeOperation): CoverageRow {
  const subject = /\/providers\/(Microsoft\.\w+)(?!.*\/providers\/)/.exec(path)?.[1] ?? "Microsoft.Resources";
  return row(subject, `${method} ${path.replaceAll("{subscription}", "{s}")}`, gap);
}

/** Services beside Resource Manager, by the beginning of their paths. */
const services: readonly (readonly [RegExp, string])[] = [
  [/^\/mlflow\//, "MLflow"],
  [/^\/history\//, "Run history"],
  [/^\/(artifact|content)\//, "Artifacts"],
  [/^\/(batchE|e)ndpoints\//, "Scoring"],
  [/^\/vaults\//, "Key Vault"],
  [/^\/local\//, "Admin endpoint"],
  [/^\/subscriptions/, "Microsoft.Resources"],
  [/^\/metadata|^\/discovery$/, "Cloud metadata"],
];

function routeRow(method: string, url: string, gap: string | undefined): CoverageRow {
  const subject = services.find(([prefix]) => prefix.test(url))?.[1] ?? "Identity";
  const workspace =
    "/subscriptions/:subscription/resourceGroups/:group/providers/Microsoft.MachineLearningServices/workspaces/:workspace";
  return row(
    subject,
    `${method} ${url
      .replace(workspace, "/{workspace}")
      .replace(tenantId, "{tenant}")
      .replace(/:(\w+)/g, "{$1}")}`,
    gap,
  );
}
