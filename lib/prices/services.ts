import { databaseSizes, type DatabaseSize } from "../labeling/databaseSizes";
import { valuesOf, type Values } from "../values";
import type { StandingNodes } from "./standing";
import { hoursOfMonth } from "./table";

/** USD of a core or GiB and hour while a container works, East US 2: https://azure.microsoft.com/pricing/details/container-apps */
const [coreHour, memoryHour] = [0.0864, 0.0108];
/** USD of a GiB of a database's storage and hour, East US 2. */
const storageHour = 0.115 / hoursOfMonth;

/** Replicas of a container app that are always there, as if they always worked; idle ones cost a third and less. */
export function standingReplicas(name: string, inputs: Values): StandingNodes[] {
  const { containers, scale } = valuesOf(inputs.template);
  const count = valuesOf(scale).minReplicas;
  if (!Array.isArray(containers) || typeof count !== "number" || count < 1) return [];
  let [cores, memory] = [0, 0];
  for (const { resources } of containers as { resources?: { cpu?: number; memory?: string } }[]) {
    cores += Number(resources?.cpu ?? 0);
    memory += Number.parseFloat(resources?.memory ?? "0");
  }
  const vmSize = `container of ${cores} cores and ${memory} GiB`;
  return [{ what: name, vmSize, count, perHour: cores * coreHour + memory * memoryHour }];
}

/** A PostgreSQL server with its storage, and its standby where it has one. */
export function standingDatabase(name: string, inputs: Values): StandingNodes[] {
  const { name: size } = valuesOf(inputs.sku);
  const known = databaseSizes[size as DatabaseSize] as { perHour: number } | undefined;
  if (typeof size !== "string" || !known) return [];
  const storageGb = Number(valuesOf(inputs.storage).storageSizeGB ?? 0);
  const { mode = "Disabled" } = valuesOf(inputs.highAvailability);
  const perHour = known.perHour + storageGb * storageHour;
  return [{ what: name, vmSize: `${size} with ${storageGb} GiB`, count: mode === "Disabled" ? 1 : 2, perHour }];
}
