import { ArmError } from "../contracts";

/** Families that Azure has retired: NC (K80), NCv2 (P100), NCv3 (V100), ND (P40), NV (M60). */
const retired = /^standard_(nc\d+r?(_promo)?|nc\d+r?s_v[23]|nd\d+r?s|nv\d+(s_v2)?)$/i;

/** @throws ArmError for a size that Azure no longer offers, or that is none */
export function assertCurrentSize(vmSize: unknown, target: string): void {
  if (typeof vmSize !== "string" || !/^standard_[a-z]\w+$/i.test(vmSize)) {
    throw new ArmError(400, "InvalidVMSize", `The VM size '${String(vmSize)}' is not a size.`, target);
  }
  if (retired.test(vmSize)) {
    throw new ArmError(
      400,
      "SkuNotAvailable",
      `The requested VM size '${vmSize}' has been retired and is not available in the location. Use another size.`,
      target,
    );
  }
}
