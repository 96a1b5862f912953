import type { Cloud } from "../contracts";
import { commandResultOperations } from "../kubernetes/runCommand";
import { authorizationOperations } from "../rbac/definitions";
import { deletedVaultOperations } from "../services/deletedVaults";
import { nameAvailabilityOperations } from "../services/nameAvailability";
import { modelRegistryOperations } from "../services/modelRegistries";
import { quotaOperations } from "../services/quotaOperations";
import { activityLogOperations, type ActivityLog } from "./activityLog";
import { catalogOperations } from "./catalog";
import { genericResourceOperations } from "./genericResources";
import type { ScopeOperation } from "./scopeOperation";
import type { SoftDeleted } from "./softDeleted";
import type { TypeRegistry } from "./types";

/** Every operation of Resource Manager that is none on a resource of the table of types. */
export function cloudOperations(
  cloud: Cloud,
  types: TypeRegistry,
  softDeleted: SoftDeleted,
  log: ActivityLog,
): ScopeOperation[] {
  const others: ScopeOperation[] = [
    ...genericResourceOperations(cloud),
    ...authorizationOperations(cloud),
    ...nameAvailabilityOperations(cloud, softDeleted),
    ...deletedVaultOperations(cloud, softDeleted),
    ...quotaOperations(cloud),
    ...modelRegistryOperations(cloud),
    ...commandResultOperations(cloud, types.find("Microsoft.ContainerService/managedClusters").apiVersions),
    ...activityLogOperations(cloud, log),
  ];
  return [...catalogOperations(cloud, types, () => others), ...others];
}
