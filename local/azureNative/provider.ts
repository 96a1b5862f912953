import { armTypeOf, resourceTypeOfToken, type ResourceType } from "../resourceTypes";
import { bodySchemaKeys } from "../schemas";
import { Arm, ArmError, describe } from "./arm";
import { checkInputs, withAutoname, type Failure } from "./check";
import { bodyOf, idOf, importedInputs, outputsOf, projectInputs } from "./convert";
import { isMap, unknownValue, type Properties } from "./values";

/** A resource that was made and then failed; it stays in the state, and the next `up` updates it. */
export class InitFailed extends Error {
  constructor(
    readonly id: string,
    readonly outputs: Properties,
    readonly inputs: Properties,
    message: string,
  ) {
    super(message);
  }
}

/** What azure-native does for each operation, driven by the table of resource types alone. */
export class AzureNative {
  readonly arm = new Arm();
  private location: string | undefined;
  private readonly groupLocations = new Map<string, string>();

  /** The plugin's own configuration. */
  configure(config: Record<string, string>): void {
    this.location = config["azure-native:config:location"];
  }

  async check(
    urn: string,
    olds: Properties,
    news: Properties,
    randomSeed: Uint8Array,
  ): Promise<{ inputs: Properties; failures: Failure[] }> {
    const type = typeOf(urn);
    const named = withAutoname(type, news, olds, urn, randomSeed);
    const inputs = await this.withLocation(type, named, olds);
    return { inputs, failures: checkInputs(type, inputs) };
  }

  /** Inputs are known outputs in a preview; all else is not known yet. */
  previewCreate(urn: string, inputs: Properties): Properties {
    typeOf(urn);
    return inputs;
  }

  async create(urn: string, inputs: Properties): Promise<{ id: string; outputs: Properties }> {
    const type = typeOf(urn);
    const id = idOf(type, inputs, this.subscriptionId);
    const existing = await this.arm.get(id, type.apiVersion);
    if (existing.status === 200 && isMap(existing.body) && Object.keys(existing.body).length > 0) {
      if (!type.singleton) throw new Error(`cannot create already existing resource '${id}'`);
    } else if (existing.status !== 404 && existing.status !== 204 && existing.status !== 200) {
      throw new Error(`cannot check existence of resource '${id}': ${describe(existing)}`);
    }
    return this.put(type, id, inputs);
  }

  async update(urn: string, id: string, inputs: Properties): Promise<Properties> {
    return (await this.put(typeOf(urn), id, inputs)).outputs;
  }

  /** Undefined when the resource is gone. Without old inputs it is an import. */
  async read(
    urn: string,
    id: string,
    oldInputs: Properties,
    oldState: Properties,
  ): Promise<{ id: string; outputs: Properties; inputs: Properties } | undefined> {
    const type = typeOf(urn);
    const answer = await this.arm.get(id, type.apiVersion);
    if (answer.status === 404) return undefined;
    if (answer.status !== 200 || !isMap(answer.body)) throw new Error(`reading resource '${id}': ${describe(answer)}`);
    const outputs = outputsOf(type, answer.body);
    const isInput = (key: string) =>
      bodySchemaKeys(armTypeOf(type)).has(type.wireNames?.[key] ?? key) || key === type.propertiesArgument;
    const inputs =
      Object.keys(oldInputs).length > 0
        ? projectInputs(oldInputs, oldState, outputs)
        : importedInputs(type, id, outputs, isInput);
    return { id: idIn(answer.body, id), outputs, inputs };
  }

  async delete(urn: string, id: string): Promise<void> {
    const type = typeOf(urn);
    if (!type.singleton) await this.arm.write("DELETE", id, type.apiVersion);
  }

  async invoke(token: string, args: Properties): Promise<Properties> {
    const [, module = "", name = ""] = token.split(":");
    if (token === "azure-native:authorization:getClientConfig") return this.clientConfig();
    if (token === "azure-native:authorization:getClientToken")
      return { token: await this.arm.tokenFor(String(args.endpoint)) };
    const post = {
      listOnlineEndpointKeys: ["OnlineEndpoint", "listKeys"],
      getOnlineEndpointToken: ["OnlineEndpoint", "token"],
      listStorageAccountKeys: ["StorageAccount", "listKeys"],
    }[name];
    const type = typeOfToken(`azure-native:${module}:${post ? post[0] : name.replace(/^get/, "")}`);
    const id = idOf(type, args, this.subscriptionId);
    if (post) return (await this.arm.write("POST", `${id}/${post[1]}`, type.apiVersion)).body as Properties;
    const answer = await this.arm.get(id, type.apiVersion);
    if (answer.status !== 200 || !isMap(answer.body)) throw new Error(`request failed ${id}: ${describe(answer)}`);
    return outputsOf(type, answer.body);
  }

  private async put(type: ResourceType, id: string, inputs: Properties): Promise<{ id: string; outputs: Properties }> {
    try {
      const answer = await this.arm.write("PUT", id, type.apiVersion, bodyOf(type, inputs));
      // The answer of a write may lack what the service fills in later.
      const read = await this.arm.get(id, type.apiVersion);
      const body = (read.status === 200 ? read.body : answer.body) as Properties;
      return { id: idIn(body, id), outputs: outputsOf(type, body) };
    } catch (error) {
      if (!(error instanceof ArmError) || !error.accepted) throw error;
      const read = await this.arm.get(id, type.apiVersion);
      if (read.status !== 200 || !isMap(read.body)) throw error;
      throw new InitFailed(id, outputsOf(type, read.body), inputs, error.message);
    }
  }

  private get subscriptionId(): string {
    const id = process.env.ARM_SUBSCRIPTION_ID;
    if (!id)
      throw new Error("A Subscription ID must be configured when authenticating as a Managed Identity using MSI.");
    return id;
  }

  /** Location in the order of the real plugin: given, old input, configuration, the resource group's. */
  private async withLocation(type: ResourceType, inputs: Properties, olds: Properties): Promise<Properties> {
    if (!type.envelope?.includes("location") || inputs.location !== undefined) return inputs;
    const location = olds.location ?? this.location ?? (await this.groupLocation(inputs.resourceGroupName));
    return location === undefined ? inputs : { ...inputs, location };
  }

  private async groupLocation(group: unknown): Promise<string | undefined> {
    if (typeof group !== "string") return undefined;
    if (group === unknownValue) return unknownValue;
    const known = this.groupLocations.get(group);
    if (known) return known;
    const answer = await this.arm.get(
      `/subscriptions/${this.subscriptionId}/resourceGroups/${group}`,
      typeOfToken("azure-native:resources:ResourceGroup").apiVersion,
    );
    const location = isMap(answer.body) && typeof answer.body.location === "string" ? answer.body.location : undefined;
    if (location) this.groupLocations.set(group, location);
    return location;
  }

  private async clientConfig(): Promise<Properties> {
    const token = await this.arm.tokenFor("https://management.core.windows.net/");
    const claims = JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString("utf8")) as Record<
      string,
      string
    >;
    return { clientId: claims.appid, objectId: claims.oid, subscriptionId: this.subscriptionId, tenantId: claims.tid };
  }
}

/** `urn:pulumi:STACK::PROJECT::PARENT$TYPE::NAME` */
export function typeOf(urn: string): ResourceType {
  return typeOfToken(urn.split("::")[2]?.split("$").at(-1) ?? "");
}

function typeOfToken(token: string): ResourceType {
  const found = resourceTypeOfToken(token);
  if (found) return found;
  throw new Error(
    `The local stand-in of azure-native does not know '${token}'. Add the type to the table in local/resourceTypes.ts, then run "npm run generate:schemas".`,
  );
}

/** The id as the service spells it. */
function idIn(answer: Properties, asked: string): string {
  return typeof answer.id === "string" ? answer.id : asked;
}
