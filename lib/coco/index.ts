export type { ClassChoice } from "./classes";
export { readClassMap, type ClassMap } from "./classMap";
export { convertAnnotations, type ConvertSettings } from "./convert";
export { exportTables, type ExportSettings } from "./export/exportTables";
export type { ConvertReport } from "./report";
export { tablesVersion } from "./tables/version";
export { warningsOf } from "./warnings";
