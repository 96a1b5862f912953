import { ArmError, type Cloud, type Table } from "../contracts";

/** Namespaces that take requests from the beginning on: nobody has to register them, nor can take them back. */
const builtIn = new Set(["microsoft.resources", "microsoft.authorization"]);

/** Which resource providers the subscription has registered: all of them, until one is taken back. */
export class Registrations {
  private readonly takenBack: Table<true>;

  constructor(cloud: Cloud) {
    this.takenBack = cloud.store.table("unregisteredProviders");
  }

  isRegistered(namespace: string): boolean {
    return this.takenBack.get(namespace.toLowerCase()) === undefined;
  }

  register(namespace: string): Promise<unknown> {
    return this.takenBack.remove(namespace.toLowerCase());
  }

  unregister(namespace: string): Promise<unknown> {
    if (builtIn.has(namespace.toLowerCase()))
      throw new ArmError(409, "CannotUnregisterProvider", `The provider '${namespace}' cannot be unregistered.`);
    return this.takenBack.put(namespace.toLowerCase(), true);
  }

  /** @throws ArmError in the words of Resource Manager, for a resource of a provider that is not registered */
  require(type: string): void {
    const namespace = type.split("/")[0] ?? "";
    if (this.isRegistered(namespace)) return;
    throw new ArmError(
      409,
      "MissingSubscriptionRegistration",
      `The subscription is not registered to use namespace '${namespace}'. See https://aka.ms/rps-not-found for how to register subscriptions.`,
      namespace,
    );
  }
}
