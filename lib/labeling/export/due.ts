import type { LastExport } from "./lastExport";

/** When `up` exports what people have labeled. */
export interface ExportRule {
  /** Never by itself, after so many images more, or after so many percent of the images more. */
  exportOn: "manual" | "count" | "percent";
  /** Images, or percent of all images. */
  exportStep: number;
}

export interface Done {
  total: number;
  /** Images that somebody has done. */
  labeled: number;
  left: number;
}

/** Images more than at the last export that make the next one due; Infinity when none does. */
export function stepOf({ exportOn, exportStep }: ExportRule, total: number): number {
  if (exportOn === "manual") return Infinity;
  return exportOn === "count" ? exportStep : Math.max(1, Math.ceil((exportStep / 100) * total));
}

/** Whether `up` exports now. The last images are not waited for: once all are done, whatever is new is exported. */
export function isExportDue(rule: ExportRule, done: Done, last: LastExport | null, rulesHash: string): boolean {
  if (rule.exportOn === "manual") return false;
  if (last && last.rules !== rulesHash) return true;
  const more = done.labeled - (last?.done ?? 0);
  return more > 0 && (more >= stepOf(rule, done.total) || done.left === 0);
}
