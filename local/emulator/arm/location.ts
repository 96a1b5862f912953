import { ArmError, type ResourceRecord } from "../contracts";
import { regionName, regions } from "../regions";
import type { KnownType } from "./types";

const groupType = "Microsoft.Resources/resourceGroups";

/** @throws ArmError for a region that there is not, one that is missing, and one that is not the resource's */
export function checkLocation(
  given: string | undefined,
  existing: ResourceRecord | undefined,
  { type, needsLocation, takesGlobal }: KnownType,
): void {
  const isGlobal = takesGlobal && given !== undefined && regionName(given) === "global";
  if (given !== undefined && !isGlobal && !regions.has(regionName(given))) throw noSuchRegion(given, type);
  if (existing?.location && given && regionName(existing.location) !== regionName(given)) {
    throw elsewhere(existing, given);
  }
  if (needsLocation && !existing && !given) {
    throw new ArmError(
      400,
      "LocationRequired",
      `The location property is required for this definition of '${type}'.`,
      "location",
    );
  }
}

/** @throws ArmError for a region that there is not, in the path of an operation of a region */
export function checkRegion(given: string): void {
  if (!regions.has(regionName(given))) throw noSuchRegion(given, "locations");
}

function elsewhere({ name, type, location }: ResourceRecord, given: string): ArmError {
  return type === groupType
    ? new ArmError(
        409,
        "InvalidResourceGroupLocation",
        `Invalid resource group location '${given}'. The Resource group already exists in location '${location}'.`,
        "location",
      )
    : new ArmError(
        409,
        "InvalidResourceLocation",
        `The resource '${name}' already exists in location '${location}'. A resource with the same name cannot be created in location '${given}'. Please select a new resource name.`,
        "location",
      );
}

function noSuchRegion(given: string, type: string): ArmError {
  const list = [...regions].join(",");
  return type === groupType
    ? new ArmError(
        400,
        "LocationNotAvailableForResourceGroup",
        `The provided location '${given}' is not available for resource group. List of available regions is '${list}'.`,
        "location",
      )
    : new ArmError(
        400,
        "LocationNotAvailableForResourceType",
        `The provided location '${given}' is not available for resource type '${type}'. List of available regions for the resource type is '${list}'.`,
        "location",
      );
}
