/** Text for a figure that may be missing. */
export function figure(value: number | null | undefined, digits = 3): string {
  return typeof value === "number" && Number.isFinite(value) ? value.toFixed(digits) : "–";
}

/** At most so many significant digits, without a tail of zeros: 0.0001234 and 12.5. */
export function compact(value: number, digits = 4): number {
  return Number.isFinite(value) ? Number(value.toPrecision(digits)) : value;
}

/** A count with its thousands apart: 117,261. */
export function grouped(count: number): string {
  return count.toLocaleString("en-US");
}

export function duration(milliseconds: number | undefined): string {
  if (milliseconds === undefined || !Number.isFinite(milliseconds)) return "–";
  const seconds = Math.round(milliseconds / 1000);
  if (seconds < 120) return `${seconds} s`;
  const minutes = Math.round(seconds / 60);
  return minutes < 120 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

export function timeText(milliseconds: number | undefined): string {
  return milliseconds === undefined
    ? "–"
    : `${new Date(milliseconds).toISOString().slice(0, 16).replace("T", " ")} UTC`;
}
