import { armTypeOf, resourceTypes } from "../../resourceTypes";
import { ArmError, type TypeBehaviour } from "../contracts";
import { apiVersionsOf } from "./apiVersions";
import { notImplemented } from "./errors";
import { missingApiVersion } from "./scopeOperation";

export interface KnownType {
  /** As ARM spells it. */
  type: string;
  apiVersions: string[];
  needsLocation: boolean;
  /** "global" is a location of it. */
  takesGlobal: boolean;
  noPatch: boolean;
  singleton: boolean;
  behaviour?: TypeBehaviour;
}

/** The types that the cloud knows, with what is special about them. */
export class TypeRegistry {
  private readonly types = new Map<string, KnownType>();

  constructor(behaviours: readonly TypeBehaviour[]) {
    for (const entry of resourceTypes) {
      const type = armTypeOf(entry);
      this.types.set(type.toLowerCase(), {
        type,
        apiVersions: apiVersionsOf(type, entry.apiVersion),
        needsLocation: entry.location !== "optional" && (entry.envelope?.includes("location") ?? false),
        takesGlobal: entry.location === "global",
        noPatch: entry.noPatch ?? false,
        singleton: entry.singleton ?? false,
        behaviour: behaviours.find((behaviour) => behaviour.type.toLowerCase() === type.toLowerCase()),
      });
    }
  }

  all(): KnownType[] {
    return [...this.types.values()];
  }

  /** @throws ArmError 501 for one that the cloud does not know */
  find(type: string): KnownType {
    const found = this.types.get(type.toLowerCase());
    if (found) return found;
    throw notImplemented(`resource type '${type}'`);
  }

  /** The api-version. @throws ArmError 400 for a missing one or one that the type does not have */
  checkApiVersion(type: string, apiVersion: string | undefined, location: string): string {
    if (!apiVersion) throw missingApiVersion();
    const known = this.types.get(type.toLowerCase())?.apiVersions ?? [];
    if (known.includes(apiVersion)) return apiVersion;
    // The words of Resource Manager, which names a type without its namespace.
    throw new ArmError(
      400,
      "NoRegisteredProviderFound",
      `No registered resource provider found for location '${location}' and API version '${apiVersion}' for type '${type.split("/").slice(1).join("/")}'. The supported api-versions are '${known.join(", ")}'. The supported locations are '${location}'.`,
      "api-version",
    );
  }
}
