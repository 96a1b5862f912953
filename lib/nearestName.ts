/** "did you mean X?" when a legal name is near enough, and else all that is allowed. */
export function didYouMean(name: string, legal: readonly string[]): string {
  const folded = name.toLowerCase().replace(/[-\s]/g, "_");
  const farthest = name.length < 4 ? 1 : Math.max(2, Math.floor(name.length / 3));
  const [nearest] = legal
    // A longer or shorter name is at least that far; the distance itself costs the product of both lengths.
    .filter((candidate) => Math.abs(candidate.length - folded.length) <= farthest && folded.length <= 64)
    .map((candidate) => ({ candidate, distance: editDistance(folded, candidate) }))
    .filter(({ distance }) => distance <= farthest)
    .sort((a, b) => a.distance - b.distance);
  if (nearest) return `did you mean ${nearest.candidate}?`;
  return legal.length === 1 ? `it must be ${legal.join()}` : `allowed are ${legal.join(", ")}`;
}

/** Levenshtein's distance. */
function editDistance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const current = [i];
    for (let j = 1; j <= b.length; j++) {
      const substituted = (previous[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      current.push(Math.min((previous[j] ?? 0) + 1, (current[j - 1] ?? 0) + 1, substituted));
    }
    previous = current;
  }
  return previous[b.length] ?? 0;
}
