import type { Rule } from "../rule";
import { gpuLimits } from "./gpuLimits";
import { protectedState } from "./protectedState";
import { publicBlobs } from "./publicBlobs";
import { publicDatabases } from "./publicDatabases";
import { publicEndpoints } from "./publicEndpoints";
import { requiredTags } from "./requiredTags";
import { retiredSizes } from "./retiredSizes";
import { sharedKeys } from "./sharedKeys";
import { stackSecrets } from "./stackSecrets";
import { trainingCost, trainingTimeout } from "./trainingLimits";
import { transport } from "./transport";

/** The pack, as docs/security.md lists it. */
export const rules: readonly Rule[] = [
  publicBlobs,
  sharedKeys,
  transport,
  publicEndpoints,
  publicDatabases,
  gpuLimits,
  retiredSizes,
  trainingTimeout,
  trainingCost,
  requiredTags,
  protectedState,
  stackSecrets,
];
