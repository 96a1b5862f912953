import { messageOf } from "../../lib/errors";
import { isMap, type Properties } from "../maps";
import { pathArguments, resourceTypeOfToken, type ResourceType } from "../resourceTypes";
import { Arm, ArmError, describe } from "./arm";
import { checkInputs } from "./check";
import { bodyOf, idOf, importedInputs, inputsOf, outputsOf } from "./convert";
import { postedInvokes } from "./invokes";
import { withAutoname, type Autonaming } from "./naming";
import { refreshedInputs, unsetSubResources, valueAt, withValue } from "./refresh";
import { unknownValue } from "./values";

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
    autonaming?: Autonaming,
  ): Promise<{ inputs: Properties; failures: string[] }> {
    const type = typeOf(urn);
    const named = withAutoname(type, news, olds, urn, randomSeed, autonaming);
    const located = await this.withLocation(type, named, olds);
    return { inputs: { azureApiVersion: type.apiVersion, ...located }, failures: checkInputs(type, located) };
  }

  /** Inputs are known outputs in a preview; all else is not known yet. */
  previewCreate(urn: string, inputs: Properties): Properties {
    typeOf(urn);
    return inputs;
  }

  async create(urn: string, inputs: Properties, limitSeconds: number): Promise<{ id: string; outputs: Properties }> {
    const type = typeOf(urn);
    const id = idOf(type, inputs, this.subscriptionId);
    const existing = await this.arm.get(id, type.apiVersion);
    if (existing.status === 200 && isMap(existing.body) && Object.keys(existing.body).length > 0) {
      if (!type.singleton) throw new Error(`cannot create already existing resource '${id}'`);
    } else if (existing.status !== 404 && existing.status !== 204 && existing.status !== 200) {
      throw new Error(
        `cannot check existence of resource '${id}': status code ${existing.status}, ${JSON.stringify(existing.body)}`,
      );
    }
    const empty = unsetSubResources(type, inputs).reduce((all, path) => withValue(all, path, []), inputs);
    return this.put(type, id, inputs, bodyOf(type, empty), limitSeconds);
  }

  /** Lists of resources of their own stay as they are where the program does not give them. */
  async update(urn: string, id: string, inputs: Properties, limitSeconds: number): Promise<Properties> {
    const type = typeOf(urn);
    const unset = unsetSubResources(type, inputs);
    const kept = unset.length > 0 ? inputsOf(type, await this.outputs(type, id)) : {};
    const whole = unset.reduce((all, path) => {
      const value = valueAt(kept, path);
      return value === undefined ? all : withValue(all, path, value);
    }, inputs);
    return (await this.put(type, id, inputs, bodyOf(type, whole), limitSeconds)).outputs;
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
    const inputs =
      Object.keys(oldInputs).length > 0
        ? refreshedInputs(type, oldInputs, oldState, outputs)
        : importedInputs(type, id, outputs);
    return { id: idIn(answer.body, id), outputs, inputs };
  }

  /** What is always there is set back to its defaults. */
  async delete(urn: string, id: string, limitSeconds: number): Promise<void> {
    const type = typeOf(urn);
    if (!type.singleton) await this.arm.write("DELETE", id, type.apiVersion, undefined, limitSeconds);
    else if (type.defaultBody) await this.arm.write("PUT", id, type.apiVersion, type.defaultBody, limitSeconds);
  }

  async invoke(token: string, args: Properties): Promise<Properties> {
    const [, module = "", name = ""] = token.split(":");
    if (token === "azure-native:authorization:getClientConfig") return this.clientConfig();
    if (token === "azure-native:authorization:getClientToken") {
      const { endpoint } = args;
      return { token: await this.arm.tokenFor(typeof endpoint === "string" ? endpoint : await this.arm.audience()) };
    }
    const [resource, action] = postedInvokes[`${module}:${name}`] ?? [name.replace(/^get/, "")];
    const type = typeOfToken(`azure-native:${module}:${resource}`);
    const id = idOf(type, args, this.subscriptionId);
    if (!action) return this.outputs(type, id);
    const path = new Set(pathArguments(type));
    const body = Object.fromEntries(Object.entries(args).filter(([key]) => !path.has(key)));
    const answer = await this.arm.write("POST", `${id}/${action}`, type.apiVersion, body).catch((error: unknown) => {
      throw new Error(`request failed ${id}/${action}: ${messageOf(error)}`);
    });
    return isMap(answer.body) ? answer.body : { value: answer.body };
  }

  private async outputs(type: ResourceType, id: string): Promise<Properties> {
    const answer = await this.arm.get(id, type.apiVersion);
    if (answer.status !== 200 || !isMap(answer.body)) throw new Error(`request failed ${id}: ${describe(answer)}`);
    return outputsOf(type, answer.body);
  }

  private async put(
    type: ResourceType,
    id: string,
    inputs: Properties,
    body: Properties,
    limitSeconds: number,
  ): Promise<{ id: string; outputs: Properties }> {
    const read = async () => {
      const answer = await this.arm.get(id, type.apiVersion);
      return answer.status === 200 && isMap(answer.body) ? answer.body : undefined;
    };
    try {
      const { body: written } = await this.arm.write("PUT", id, type.apiVersion, body, limitSeconds);
      // The answer of a write may lack what the service fills in later; where that cannot be read, the answer has to do.
      const found = (await read().catch(() => undefined)) ?? (written as Properties);
      return { id: idIn(found, id), outputs: outputsOf(type, found) };
    } catch (error) {
      if (!(error instanceof ArmError) || !error.accepted) throw error;
      // It is in the state with whatever is known of it, so that the next run goes on with it.
      const found = await read().catch(() => undefined);
      throw new InitFailed(id, found ? outputsOf(type, found) : {}, inputs, error.message);
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
