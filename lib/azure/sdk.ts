/* eslint-disable @typescript-eslint/no-require-imports */

/** The Azure SDK's packages, each loaded when it is first used: that takes longer than all else that a preview does. */
export const sdk = {
  get machineLearning() {
    return require("@azure/arm-machinelearning") as typeof import("@azure/arm-machinelearning");
  },
  get pipeline() {
    return require("@azure/core-rest-pipeline") as typeof import("@azure/core-rest-pipeline");
  },
  get identity() {
    return require("@azure/identity") as typeof import("@azure/identity");
  },
  get blobs() {
    return require("@azure/storage-blob") as typeof import("@azure/storage-blob");
  },
};
