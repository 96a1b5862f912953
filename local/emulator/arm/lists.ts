import type { Cloud, Principal, ResourceRecord } from "../contracts";
import { resourceNotFound } from "./errors";
import { filterOf } from "./genericResources";
import type { ArmTarget } from "./ids";
import { hasTags, listOrder } from "./listOrder";
import { paged, pageOfRecords, positionOf } from "./pages";
import { permissionType } from "./permissionType";
import { inheritedAt, isInherited } from "./policies";
import type { TypeRegistry } from "./types";
import { answerOf, parentExists } from "./write";

export interface ListRequest {
  path: string;
  target: ArmTarget;
  query: Record<string, string>;
  principal: Principal;
}

/** Collections of resources of a type. */
export class Lists {
  constructor(
    private readonly cloud: Cloud,
    private readonly types: TypeRegistry,
  ) {}

  list({ path, target, query, principal }: ListRequest): unknown {
    const { type, behaviour } = this.types.find(target.type);
    if (!parentExists(this.cloud, target.parentId)) throw resourceNotFound(target.parentId);
    if (type === "Microsoft.Resources/resourceGroups") {
      const readable = [...this.members(target.parentId, type, "")].filter(({ id }) =>
        this.cloud.access.allows(principal, `${permissionType(type)}/read`, id),
      );
      const page = paged(readable.filter(filterOf(query.$filter)), path, query, this.cloud.url);
      return { ...page, value: page.value.map((record) => this.answer(record)) };
    }
    if (isInherited(type)) {
      const found = inheritedAt(target.parentId, type, query.$filter, this.cloud);
      const page = paged(found, path, query, this.cloud.url);
      return { ...page, value: page.value.map((record) => this.answer(record)) };
    }
    const listed = (record: ResourceRecord) => hasTags(record, query) && (behaviour?.listed?.(record, query) ?? true);
    const order = listOrder(query);
    if (order) {
      const all = [...this.members(target.parentId, type, "")].filter(listed).sort(order);
      const page = paged(all, path, query, this.cloud.url);
      return { ...page, value: page.value.map((record) => this.answer(record)) };
    }
    const members = this.members(target.parentId, type, positionOf(query));
    return pageOfRecords(members, listed, path, query, this.cloud.url, (record) => this.answer(record));
  }

  /** A subscription's collection of a type holds those of all its resource groups. */
  private members(parentId: string, type: string, after: string): Iterable<ResourceRecord> {
    const ofSubscription = /^\/subscriptions\/[^/]+$/i.test(parentId);
    if (!ofSubscription) return this.cloud.resources.children(parentId, type, after);
    return ofType(this.cloud.resources.belowFrom(parentId, after), type);
  }

  private answer(record: ResourceRecord): Record<string, unknown> {
    return answerOf(record, this.types.find(record.type).behaviour, this.cloud);
  }
}

function* ofType(records: Iterable<ResourceRecord>, type: string): Generator<ResourceRecord> {
  for (const record of records) if (record.type === type) yield record;
}
