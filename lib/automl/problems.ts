import { LineCounter, parseDocument, type Document, isNode } from "yaml";
import { combineProblems } from "../errors";

/** A place in a job file: keys and indexes from the top. */
export type Place = readonly (string | number)[];

/** A parsed job file that knows where each property stands, and gathers what is wrong with it. */
export class JobDocument {
  readonly content: unknown;
  readonly warnings: string[] = [];
  private readonly problems: string[] = [];
  private readonly lines = new LineCounter();
  private readonly document: Document;

  constructor(
    readonly file: string,
    text: string,
  ) {
    // Each alias repeats what it points to; a handful of nested ones can grow without bound.
    this.document = parseDocument(text, { lineCounter: this.lines, uniqueKeys: true, prettyErrors: false });
    for (const { code, message, pos } of this.document.errors) {
      this.problems.push(
        `${this.file}:${this.lines.linePos(pos[0]).line}: ${code === "DUPLICATE_KEY" ? "a key stands twice; keep one" : message}`,
      );
    }
    try {
      this.content = this.problems.length === 0 ? this.document.toJS({ maxAliasCount: 100 }) : undefined;
    } catch (error) {
      this.problems.push(
        `${this.file}: ${error instanceof Error ? error.message : String(error)}; write the values out`,
      );
    }
  }

  problem(place: Place, message: string): void {
    this.problems.push(`${this.where(place)}: ${message}`);
  }

  warn(place: Place, message: string): void {
    this.warnings.push(`${this.where(place)}: ${message}`);
  }

  /** @throws UserError with all problems, if there is one. */
  finish(): void {
    if (this.problems.length > 0) throw combineProblems(`${this.file} is no valid job:`, this.problems);
  }

  /** `file:line: path.of.property`; of a property that is missing, the line of what should contain it. */
  private where(place: Place): string {
    for (let depth = place.length; depth >= 0; depth--) {
      const node = depth === 0 ? this.document.contents : this.document.getIn(place.slice(0, depth), true);
      if (isNode(node) && node.range)
        return `${this.file}:${this.lines.linePos(node.range[0]).line}: ${formatPlace(place)}`;
    }
    return `${this.file}:1: ${formatPlace(place)}`;
  }
}

export function formatPlace(place: Place): string {
  return place
    .map((part, index) => (typeof part === "number" ? `[${part}]` : index === 0 ? part : `.${part}`))
    .join("");
}

/** ": did you mean X?" when a legal name is near enough. */
export function didYouMean(name: string, legal: readonly string[]): string {
  const [nearest] = legal
    .map((candidate) => ({ candidate, distance: editDistance(name, candidate) }))
    .sort((a, b) => a.distance - b.distance);
  return nearest && nearest.distance <= Math.max(2, Math.floor(name.length / 3))
    ? `did you mean ${nearest.candidate}?`
    : `allowed are ${legal.join(", ")}`;
}

/** Levenshtein's distance. */
export function editDistance(a: string, b: string): number {
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
