import type { Cloud, ResourceRecord } from "../contracts";
import { invalid, MlflowError, missing } from "./errors";

const modelType = "Microsoft.MachineLearningServices/workspaces/models";
const versionType = `${modelType}/versions`;
/** Where aliases stand among the properties of a model. */
const aliasPrefix = "mlflow.alias.";

interface Described {
  description?: string;
  tags?: Record<string, string>;
  properties?: Record<string, string>;
}

export interface VersionProperties extends Described {
  modelUri?: string;
  jobName?: string;
  stage?: string;
}

export type Change = (properties: Record<string, unknown> & VersionProperties) => Record<string, unknown>;

/** The models of a workspace as MLflow sees them; to Resource Manager they are the same ones. */
export class ModelRegistry {
  constructor(
    private readonly cloud: Cloud,
    private readonly workspaceId: string,
  ) {}

  models(): ResourceRecord[] {
    return this.cloud.resources.list(this.workspaceId, modelType);
  }

  /** @throws MlflowError when there is none */
  model(name: string): ResourceRecord {
    const model = this.cloud.resources.get(this.modelId(name));
    if (!model) throw missing(`Registered Model with name=${name} not found`);
    return model;
  }

  versions(name: string): ResourceRecord[] {
    return this.cloud.resources.list(this.modelId(name), versionType);
  }

  /** @throws MlflowError when there is none */
  version(name: string, version: string): ResourceRecord {
    const found = this.cloud.resources.get(`${this.model(name).id}/versions/${version}`);
    if (!found) throw missing(`Model Version (name=${name}, version=${version}) not found`);
    return found;
  }

  async create(name: string, { description, tags }: Described): Promise<ResourceRecord> {
    if (!/^[a-zA-Z0-9][\w.-]{0,254}$/.test(name))
      throw invalid(`'${name}' is no valid model name: up to 255 letters, digits, '_', '-', '.'.`);
    if (this.cloud.resources.get(this.modelId(name)))
      throw new MlflowError(400, "RESOURCE_ALREADY_EXISTS", `Registered Model (name=${name}) already exists.`);
    const properties = { provisioningState: "Succeeded", isArchived: false, description, tags: tags ?? {} };
    await this.cloud.resources.put(this.record(this.modelId(name), name, modelType, properties));
    return this.model(name);
  }

  /** Registers the next version; two at once get two numbers. */
  async createVersion(name: string, given: VersionProperties & { modelType: string }): Promise<ResourceRecord> {
    const model = this.model(name);
    const { resources, store } = this.cloud;
    const id = await store.transaction(() => {
      const numbers = this.versions(name).map((version) => Number(version.name));
      const number = String(Math.max(0, ...numbers.filter(Number.isInteger)) + 1);
      const versionId = `${model.id}/versions/${number}`;
      const properties = { isAnonymous: false, isArchived: false, provisioningState: "Succeeded", ...given };
      void resources.put(this.record(versionId, number, versionType, properties));
      return versionId;
    });
    return resources.get(id) as ResourceRecord;
  }

  async change(record: ResourceRecord, change: Change): Promise<ResourceRecord> {
    const { resources, clock } = this.cloud;
    await this.cloud.store.transaction(() => {
      const current = resources.get(record.id);
      if (!current) return;
      const lastModifiedAt = new Date(clock.now()).toISOString();
      const systemData = { ...current.systemData, lastModifiedAt };
      const properties = { ...current.properties, ...change(current.properties) };
      void resources.put({ ...current, systemData, properties });
    });
    return resources.get(record.id) ?? record;
  }

  async remove(record: ResourceRecord): Promise<void> {
    await this.cloud.resources.remove(record.id);
  }

  setAlias(name: string, alias: string, version: string | undefined): Promise<ResourceRecord> {
    return this.change(this.model(name), ({ properties = {} }) => {
      const { [aliasPrefix + alias]: _, ...others } = properties;
      return { properties: version === undefined ? others : { ...others, [aliasPrefix + alias]: version } };
    });
  }

  aliases({ properties }: ResourceRecord): { alias: string; version: string }[] {
    return Object.entries((properties as Described).properties ?? {}).flatMap(([key, version]) =>
      key.startsWith(aliasPrefix) ? [{ alias: key.slice(aliasPrefix.length), version }] : [],
    );
  }

  private modelId(name: string): string {
    if (name === "" || name.includes("/")) throw invalid(`'${name}' is no name of a model.`);
    return `${this.workspaceId}/models/${name}`;
  }

  private record(id: string, name: string, type: string, properties: Record<string, unknown>): ResourceRecord {
    const at = this.cloud.now().toISOString();
    const systemData = { createdAt: at, lastModifiedAt: at, createdByType: "Application" };
    return { id, name, type, systemData, properties };
  }
}
