/** Sizes of the labeling database, with USD an hour in East US 2; the month is tableDate of lib/prices/table.ts. */
export const databaseSizes = {
  Standard_B1ms: { tier: "Burstable", perHour: 0.017 },
  Standard_B2s: { tier: "Burstable", perHour: 0.068 },
  Standard_D2ds_v5: { tier: "GeneralPurpose", perHour: 0.178 },
  Standard_D4ds_v5: { tier: "GeneralPurpose", perHour: 0.356 },
  Standard_E2ds_v5: { tier: "MemoryOptimized", perHour: 0.25 },
} as const satisfies Record<string, { tier: string; perHour: number }>;

export type DatabaseSize = keyof typeof databaseSizes;

export const highAvailabilities = ["none", "sameZone", "zoneRedundant"] as const;
