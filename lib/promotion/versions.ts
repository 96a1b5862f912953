/** What the record of a model's versions says that matters for who is the champion. */
export interface VersionRecord {
  version: string;
  archived: boolean;
  /** Whether it carries the tag `champion: "true"`. */
  tagged: boolean;
  /** ISO time of its last promotion; undefined when it was never the champion. */
  promotedAt?: string;
}

/**
 * The champion as every reader sees it: the version tagged `champion: "true"` that is not archived; of several, which is
 * what a promotion looks like between its two writes, the one promoted last. A promotion tags the new champion before it
 * takes the tag from the old one, so there is never none.
 */
export function championOf<T extends VersionRecord>(versions: readonly T[]): T | undefined {
  return latest(versions.filter(({ archived, tagged }) => tagged && !archived));
}

/**
 * The version that was promoted last and is still in use, whatever tags say: times of promotion are the record, tags are
 * what readers look for, and are put right by it. Where nothing was ever promoted, a version that somebody tagged counts.
 */
export function lastPromoted<T extends VersionRecord>(versions: readonly T[]): T | undefined {
  const usable = versions.filter(({ archived }) => !archived);
  return latest(usable.filter(({ promotedAt }) => promotedAt !== undefined)) ?? championOf(usable);
}

/** Those that were champions before, the last one first. */
export function pastChampions<T extends VersionRecord>(versions: readonly T[], current: string): T[] {
  return versions
    .filter(({ version, promotedAt }) => promotedAt !== undefined && version !== current)
    .sort((a, b) => byPromotion(b, a));
}

/** A time for a promotion that happens now: after all others, also where another machine's clock was ahead. */
export function promotionTime(versions: readonly VersionRecord[], now = Date.now()): string {
  const last = Math.max(0, ...versions.map(timeOf));
  return new Date(Math.max(now, last + 1)).toISOString();
}

/** The number after the highest one; `gone` are numbers that were in use before their versions were deleted. */
export function nextVersion(versions: readonly Pick<VersionRecord, "version">[], gone: readonly string[] = []): string {
  const numbers = [...versions.map(({ version }) => version), ...gone].map(numberOf);
  return String(1 + Math.max(0, ...numbers));
}

/** Orders versions as numbers ("10" is after "9"); those that are no numbers come first, in text order. */
export function compareVersions(a: string, b: string): number {
  const [left, right] = [numberOf(a), numberOf(b)];
  if (left === right) return a < b ? -1 : a > b ? 1 : 0;
  return left - right;
}

function numberOf(version: string): number {
  return /^\d{1,15}$/.test(version) ? Number(version) : -1;
}

function latest<T extends VersionRecord>(versions: readonly T[]): T | undefined {
  return [...versions].sort(byPromotion).at(-1);
}

function byPromotion(a: VersionRecord, b: VersionRecord): number {
  return timeOf(a) - timeOf(b) || compareVersions(a.version, b.version);
}

/** A time that nobody can read, or none, is before all others. */
function timeOf({ promotedAt }: Pick<VersionRecord, "promotedAt">): number {
  return Date.parse(promotedAt ?? "") || 0;
}
