import { ArmClient, ArmRequestError } from "../azure/arm";
import { listVersions, type ModelVersion } from "../promotion/modelVersion";

/** Api-versions of what is read. */
const versions = {
  providers: "2024-03-01",
  skus: "2021-07-01",
  computeUsages: "2024-07-01",
  machineLearning: "2025-12-01",
  vaults: "2024-11-01",
  storage: "2024-01-01",
  permissions: "2022-04-01",
  policies: "2025-01-01",
  exemptions: "2022-07-01-preview",
  activity: "2015-04-01",
} as const;

export interface Sku {
  resourceType: string;
  name: string;
  family?: string;
  capabilities?: { name: string; value: string }[];
  restrictions?: { type: string; reasonCode?: string }[];
}

export interface Usage {
  name: { value: string };
  currentValue: number;
  limit: number;
}

export interface Permission {
  actions?: string[];
  notActions?: string[];
}

export interface DeletedVault {
  name: string;
  properties: {
    deletionDate?: string;
    scheduledPurgeDate?: string;
    purgeProtectionEnabled?: boolean;
    location?: string;
  };
}

export interface Selector {
  kind?: string;
  in?: string[];
  notIn?: string[];
}

export interface ResourceSelector {
  selectors?: Selector[];
}

export interface PolicyAssignment {
  id: string;
  name: string;
  properties: {
    displayName?: string;
    policyDefinitionId?: string;
    enforcementMode?: string;
    /** What lies below the scope and is spared. */
    notScopes?: string[];
    parameters?: Record<string, { value?: unknown }>;
    /** What it is limited to. */
    resourceSelectors?: ResourceSelector[];
    /** Effects in place of those of the definitions. */
    overrides?: { kind?: string; value?: string; selectors?: Selector[] }[];
  };
}

export interface PolicyExemption {
  id: string;
  name: string;
  properties: {
    displayName?: string;
    policyAssignmentId: string;
    /** Members of the assigned initiative; all without it. */
    policyDefinitionReferenceIds?: string[];
    exemptionCategory: string;
    /** ISO 8601. */
    expiresOn?: string;
    resourceSelectors?: ResourceSelector[];
  };
}

export interface PolicyDefinition {
  name: string;
  properties: {
    displayName?: string;
    mode?: string;
    parameters?: Record<string, { defaultValue?: unknown }>;
    policyRule?: { if?: unknown; then?: { effect?: unknown; details?: unknown } };
  };
}

/** An initiative: definitions that are assigned together. */
export interface PolicySet {
  properties: {
    parameters?: Record<string, { defaultValue?: unknown }>;
    policyDefinitions?: {
      policyDefinitionId: string;
      policyDefinitionReferenceId?: string;
      parameters?: Record<string, { value?: unknown }>;
    }[];
  };
}

export interface ActivityEvent {
  eventTimestamp: string;
  operationName: { value: string };
  status: { value: string };
  caller?: string;
}

/** Types whose names are unique over all of Azure, with their api-version. */
const globalTypes = {
  "Microsoft.Storage/storageAccounts": versions.storage,
  "Microsoft.KeyVault/vaults": versions.vaults,
  "Microsoft.DBforPostgreSQL/flexibleServers": "2025-08-01",
} as const;

export type GlobalType = keyof typeof globalTypes;

interface Availability {
  nameAvailable: boolean;
  reason?: string;
  message?: string;
}

/** What the checks ask Resource Manager: reads only, each list at most once. */
export class AzureReader {
  private readonly lists = new Map<string, Promise<unknown[]>>();

  constructor(
    private readonly arm: ArmClient,
    private readonly subscriptionId: string,
    private readonly location: string,
  ) {}

  private get subscription(): string {
    return `/subscriptions/${this.subscriptionId}`;
  }

  /** Sizes of the region, with what keeps the subscription from them. */
  skus(): Promise<Sku[]> {
    const path = `${this.subscription}/providers/Microsoft.Compute/skus`;
    return this.all<Sku>(path, versions.skus, { $filter: `location eq '${this.location}'` });
  }

  /** Families of the sizes that Azure ML offers in the region, by the size in lower case. */
  async trainingFamilies(): Promise<Map<string, string>> {
    const path = `${this.subscription}/providers/Microsoft.MachineLearningServices/locations/${this.location}/vmSizes`;
    const answer = (await this.arm.get<unknown>(path, versions.machineLearning)) as unknown as
      { value?: { name: string; family: string }[] } | undefined;
    return new Map((answer?.value ?? []).map(({ name, family }) => [name.toLowerCase(), family]));
  }

  /** vCPUs used and allowed, by family and in all. */
  usages(provider: "Microsoft.MachineLearningServices" | "Microsoft.Compute"): Promise<Usage[]> {
    const version = provider === "Microsoft.Compute" ? versions.computeUsages : versions.machineLearning;
    return this.all<Usage>(`${this.subscription}/providers/${provider}/locations/${this.location}/usages`, version);
  }

  /** Undefined for a namespace that Azure does not know. */
  async registration(namespace: string): Promise<string | undefined> {
    const path = `${this.subscription}/providers/${namespace}`;
    const answer = (await this.arm.get<unknown>(path, versions.providers)) as unknown as
      { registrationState?: string } | undefined;
    return answer?.registrationState;
  }

  deletedVaults(): Promise<DeletedVault[]> {
    return this.all(`${this.subscription}/providers/Microsoft.KeyVault/deletedVaults`, versions.vaults);
  }

  /** Whether a name that is unique over all of Azure can be had. */
  nameAvailability(type: GlobalType, name: string) {
    const path = `${this.subscription}/providers/${type.split("/")[0]}/checkNameAvailability`;
    return this.arm.post<Availability>(path, globalTypes[type], { name, type });
  }

  /** A resource of such a type; undefined when it is not there. */
  ofGlobalName(type: GlobalType, id: string) {
    return this.arm.get<unknown>(id, globalTypes[type]);
  }

  storageAccount(id: string) {
    return this.arm.get<{ allowSharedKeyAccess?: boolean }>(id, versions.storage);
  }

  workspace(id: string) {
    return this.arm.get<{ systemDatastoresAuthMode?: string }>(id, versions.machineLearning);
  }

  /** A registry of Azure ML. */
  modelRegistry(id: string) {
    return this.arm.get<unknown>(id, versions.machineLearning);
  }

  /** Versions of a model in it. */
  sharedVersions(registryId: string, model: string): Promise<ModelVersion[]> {
    return listVersions(this.arm, registryId, model);
  }

  /** What the identity may do at a scope, an entry for each role. */
  permissions(scope: string): Promise<Permission[]> {
    return this.all(`${scope}/providers/Microsoft.Authorization/permissions`, versions.permissions);
  }

  /** Whether the resource group is there and may be read. */
  async hasGroup(id: string): Promise<boolean> {
    return (await this.arm.get<unknown>(id, versions.providers)) !== undefined;
  }

  /** Those at a scope, and those that it inherits from the management groups above. */
  policyAssignments(scope: string): Promise<PolicyAssignment[]> {
    const path = `${scope}/providers/Microsoft.Authorization/policyAssignments`;
    return this.all(path, versions.policies, { $filter: "atScope()" });
  }

  /** Those that hold for a scope: its own, those from above and, of a resource group, those of its resources. */
  policyExemptions(scope: string): Promise<PolicyExemption[]> {
    const path = `${scope}/providers/Microsoft.Authorization/policyExemptions`;
    const ofGroup = /\/resourceGroups\/[^/]+$/i.test(scope);
    return this.all(path, versions.exemptions, ofGroup ? {} : { $filter: "atScope()" });
  }

  /** Undefined where it cannot be read. */
  policyDefinition(id: string): Promise<PolicyDefinition | undefined> {
    return this.inherited<PolicyDefinition>(id, "policyDefinitions");
  }

  /** The initiative of an assignment; undefined where it cannot be read. */
  policySet(id: string): Promise<PolicySet | undefined> {
    return this.inherited<PolicySet>(id, "policySetDefinitions");
  }

  /** Who may not read in a management group finds what it has in the list of the subscription, which is a long one. */
  private async inherited<T>(id: string, kind: "policyDefinitions" | "policySetDefinitions"): Promise<T | undefined> {
    try {
      return (await this.arm.get<unknown>(id, versions.policies)) as unknown as T | undefined;
    } catch (error) {
      if (!(error instanceof ArmRequestError)) throw error;
    }
    try {
      const path = `${this.subscription}/providers/Microsoft.Authorization/${kind}`;
      const all = await this.all<{ id: string }>(path, versions.policies);
      return all.find((one) => one.id.toLowerCase() === id.toLowerCase()) as T | undefined;
    } catch (error) {
      if (error instanceof ArmRequestError) return undefined;
      throw error;
    }
  }

  /** Writes and deletions of a resource, the newest first. */
  activity(resourceId: string, since: Date): Promise<ActivityEvent[]> {
    const path = `${this.subscription}/providers/Microsoft.Insights/eventtypes/management/values`;
    const filter = `eventTimestamp ge '${since.toISOString()}' and resourceUri eq '${resourceId}'`;
    return this.all(path, versions.activity, { $filter: filter });
  }

  private all<Item>(path: string, version: string, query: Record<string, string> = {}): Promise<Item[]> {
    const key = JSON.stringify([path, query]);
    let found = this.lists.get(key);
    if (!found) this.lists.set(key, (found = this.collect(path, version, query)));
    return found as Promise<Item[]>;
  }

  private async collect(path: string, version: string, query: Record<string, string>): Promise<unknown[]> {
    const items: unknown[] = [];
    for await (const page of this.arm.pages(path, version, query)) items.push(...page);
    return items;
  }
}
