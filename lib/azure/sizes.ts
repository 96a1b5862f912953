import { UserError } from "../errors";

/** What to do with a virtual machine size that Azure no longer runs. */
export type RetiredSizePolicy = "replace" | "fail" | "keep";

export interface Retirement {
  /** ISO date of the retirement. */
  retired: string;
  /** The size to use in its place. */
  successor: string;
  source: string;
}

const nc: Retirement = {
  retired: "2023-09-06",
  // The series guide names NCasT4_v3; the 16-core size is the smallest whose memory (110 GiB) carries a 50 GB request.
  successor: "Standard_NC16as_T4_v3",
  source: "https://learn.microsoft.com/azure/virtual-machines/nc-series-retirement",
};
const ncv3: Retirement = {
  retired: "2025-09-30",
  successor: "Standard_NC24ads_A100_v4",
  source: "https://learn.microsoft.com/azure/virtual-machines/sizes/retired-sizes-list",
};

const retirements: Record<string, Retirement> = {
  standard_nc6: nc,
  standard_nc12: nc,
  standard_nc24: nc,
  standard_nc24r: nc,
  standard_nc6s_v2: ncv3,
  standard_nc12s_v2: ncv3,
  standard_nc24s_v2: ncv3,
  standard_nc6s_v3: ncv3,
  standard_nc12s_v3: ncv3,
  standard_nc24s_v3: ncv3,
  standard_nc24rs_v3: ncv3,
};

/** Since when Azure no longer runs the size, and what takes its place; undefined for a size that it runs. */
export function retirementOf(vmSize: string): Retirement | undefined {
  return retirements[vmSize.toLowerCase()];
}

/** Whether Azure no longer runs the size. */
export function isRetired(vmSize: string): boolean {
  return retirementOf(vmSize) !== undefined;
}

export interface SizeDecision {
  /** The size to ask Azure for. */
  vmSize: string;
  /** What to tell the user; absent when the size is current. */
  warning?: string;
}

/**
 * Decides which size to ask for.
 * @throws UserError when the size is retired and the policy is `fail`.
 */
export function decideSize(property: string, vmSize: string, policy: RetiredSizePolicy): SizeDecision {
  const retirement = retirementOf(vmSize);
  if (!retirement) return { vmSize };
  const fact = `${property} is "${vmSize}", which Azure retired on ${retirement.retired} (${retirement.source})`;
  switch (policy) {
    case "replace":
      return { vmSize: retirement.successor, warning: `${fact}; "${retirement.successor}" is used in its place.` };
    case "keep":
      return { vmSize, warning: `${fact}; it is asked for all the same, since onRetiredSize is "keep".` };
    case "fail":
      throw new UserError(
        `${fact}. Set ${property} to "${retirement.successor}", or onRetiredSize to "replace" or "keep".`,
      );
  }
}
