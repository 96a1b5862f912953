const duration = /^P(?=.)(?:(\d+)D)?(?:T(?=.)(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?$/;

/** Of ISO 8601, of days, hours, minutes and seconds. */
export function isDuration(text: string): boolean {
  return duration.test(text);
}

/** Its seconds; 0 for what is none. */
export function durationSeconds(text: string): number {
  const [, days = 0, hours = 0, minutes = 0, seconds = 0] = duration.exec(text) ?? [];
  return Number(days) * 86_400 + Number(hours) * 3_600 + Number(minutes) * 60 + Number(seconds);
}
