const minuteMs = 60_000;
/** Longer than the longest time between two days of the week. */
const searchedMinutes = 8 * 24 * 60;

/** What one field of an expression takes; undefined for one that is not understood. */
function numbersOf(field: string, most: number): Set<number> | undefined {
  const found = new Set<number>();
  for (const entry of field.split(",")) {
    const match = /^(?:(\*)|(\d+)(?:-(\d+))?)(?:\/(\d+))?$/.exec(entry);
    if (!match) return undefined;
    const [, every, from = "0", to, step = "1"] = match;
    const last = every ? most : Number(to ?? from);
    if (Number(step) < 1 || last > most || Number(from) > last) return undefined;
    for (let number = Number(from); number <= last; number += Number(step)) found.add(number);
  }
  return found;
}

/**
 * The first time after another at which a cron expression of Azure ML fires, in UTC; undefined when it is none. Day and month
 * are ignored, as the service does.
 */
export function nextTime(expression: string, afterMs: number): number | undefined {
  const fields = expression.trim().split(/\s+/);
  if (fields.length !== 5) return undefined;
  const [minute = "", hour = "", , , weekday = ""] = fields;
  const [minutes, hours, weekdays] = [numbersOf(minute, 59), numbersOf(hour, 23), numbersOf(weekday, 6)];
  if (!minutes || !hours || !weekdays) return undefined;
  let time = (Math.floor(afterMs / minuteMs) + 1) * minuteMs;
  for (let count = 0; count < searchedMinutes; count++, time += minuteMs) {
    const date = new Date(time);
    if (minutes.has(date.getUTCMinutes()) && hours.has(date.getUTCHours()) && weekdays.has(date.getUTCDay()))
      return time;
  }
  return undefined;
}
