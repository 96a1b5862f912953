import { z } from "zod";
import { armId } from "../configValues";

const stackName = /^[^/\s]+\/[^/\s]+\/[^/\s]+$/;

/** The registry of Azure ML through which a champion gets from one stack to others; it is there already. */
export const registrySchema = z.strictObject({
  /**
   * Required: its ARM id. Who deploys needs the role AzureML Registry User on it.
   * @example /subscriptions/S/resourceGroups/G/providers/Microsoft.MachineLearningServices/registries/models
   */
  id: armId("Microsoft.MachineLearningServices/registries"),
  /** Shares each champion of this stack there, under a version that its content names. */
  publish: z.boolean().default(false),
  /**
   * Required with model.source "registry": the stack whose champion is taken, as ORG/PROJECT/STACK.
   * @example organization/azure-ml-object-detection/staging
   */
  stack: z.string().regex(stackName, "ORG/PROJECT/STACK").optional(),
});
