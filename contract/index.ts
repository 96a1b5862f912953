export { ContractError, outputName, readPlatform } from "./reader";
export { platformJsonSchema, platformSchema, schemaVersion, type Platform } from "./schema";
