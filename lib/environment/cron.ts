/**
 * Fields of a cron expression of Azure ML, with the numbers that they take; days and months are ignored by the service:
 * https://learn.microsoft.com/azure/machine-learning/how-to-schedule-pipeline-job
 */
const fields = [
  { name: "minute", least: 0, most: 59 },
  { name: "hour", least: 0, most: 23 },
  { name: "day of the month", ignored: true, least: 1, most: 31 },
  { name: "month", ignored: true, least: 1, most: 12 },
  { name: "day of the week", least: 0, most: 6 },
] as const;

/** What is wrong with a cron expression; undefined when nothing is. */
export function cronProblem(expression: string): string | undefined {
  const parts = expression.trim().split(/\s+/);
  if (parts.length !== fields.length)
    return `five fields (minute, hour, day of the month, month, day of the week), such as "0 3 * * 1"`;
  for (const [index, field] of fields.entries()) {
    const part = parts[index] ?? "";
    if ("ignored" in field) {
      if (part !== "*") return `Azure ML ignores the ${field.name}: write * in its place, not ${part}`;
    } else if (!part.split(",").every((entry) => isEntry(entry, field.least, field.most)))
      return `the ${field.name} is *, or numbers from ${field.least} to ${field.most} as 5, 1-4, */10 or 1,2, not ${part}`;
  }
  return undefined;
}

/** `*`, `N`, `N-M`, each with a step `/S` or without. */
function isEntry(entry: string, least: number, most: number): boolean {
  const [, range = "", step = "1"] = /^(\*|\d{1,2}|\d{1,2}-\d{1,2})(?:\/(\d{1,2}))?$/.exec(entry) ?? [];
  if (range === "" || Number(step) === 0) return false;
  if (range === "*") return true;
  const [from = 0, to = from] = range.split("-").map(Number);
  return least <= from && from <= to && to <= most;
}
