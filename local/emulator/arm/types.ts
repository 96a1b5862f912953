import { armTypeOf, resourceTypes } from "../../resourceTypes";
import { ArmError, type TypeBehaviour } from "../contracts";
import { apiVersionsOf } from "./apiVersions";

/** The types that the cloud knows, with what is special about them. */
export class TypeRegistry {
  private readonly types = new Map<
    string,
    { type: string; apiVersions: string[]; needsLocation: boolean; behaviour?: TypeBehaviour }
  >();

  constructor(behaviours: readonly TypeBehaviour[]) {
    for (const entry of resourceTypes) {
      const type = armTypeOf(entry);
      this.types.set(type.toLowerCase(), {
        type,
        apiVersions: apiVersionsOf(type, entry.apiVersion),
        needsLocation: entry.envelope?.includes("location") ?? false,
        behaviour: behaviours.find((behaviour) => behaviour.type.toLowerCase() === type.toLowerCase()),
      });
    }
  }

  /** The type as ARM spells it. @throws ArmError for one that the cloud does not know */
  find(type: string): { type: string; needsLocation: boolean; behaviour?: TypeBehaviour } {
    const found = this.types.get(type.toLowerCase());
    if (found) return found;
    throw new ArmError(
      501,
      "NotImplemented",
      `The local cloud has no resource type '${type}'. It knows: ${[...this.types.values()].map((known) => known.type).join(", ")}. See docs/local.md.`,
      type,
    );
  }

  /** The api-version. @throws ArmError 400 for a missing one or one that the type does not have */
  checkApiVersion(type: string, apiVersion: string | undefined): string {
    if (!apiVersion) {
      throw new ArmError(
        400,
        "MissingApiVersionParameter",
        "The api-version query parameter (?api-version=) is required for all requests.",
      );
    }
    const known = this.types.get(type.toLowerCase())?.apiVersions ?? [];
    if (known.includes(apiVersion)) return apiVersion;
    throw new ArmError(
      400,
      "NoRegisteredProviderFound",
      `No registered resource provider found for location and API version '${apiVersion}' for type '${type}'. The supported api-versions are '${known.join(", ")}'.`,
      "api-version",
    );
  }
}
