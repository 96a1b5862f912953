import { combineProblems } from "../errors";

/** A place in a job: keys and indexes from the top. */
export type Place = readonly (string | number)[];

/** A place in a file; both count from 1. */
export interface Position {
  line: number;
  column: number;
}

/** More than this many lines help nobody. */
const mostProblems = 100;

/** Gathers what is wrong with a job file, and what is legal and yet worth saying. */
export class Problems {
  private readonly found: { at: Position; text: string }[] = [];
  private readonly told: { at: Position; text: string }[] = [];

  constructor(private readonly file: string) {}

  get warnings(): string[] {
    return inOrder(this.told);
  }

  error(at: Position, place: Place, message: string): void {
    this.found.push({ at, text: this.line(at, place, message) });
  }

  warn(at: Position, place: Place, message: string): void {
    this.told.push({ at, text: this.line(at, place, message) });
  }

  /** @throws UserError with all of them in the order of the file, if there is one. */
  finish(): void {
    if (this.found.length === 0) return;
    const lines = inOrder(this.found);
    const more = lines.length - mostProblems;
    throw combineProblems(`${this.file} is no valid job:`, [
      ...lines.slice(0, mostProblems),
      ...(more > 0 ? [`and ${more} more`] : []),
    ]);
  }

  private line(at: Position, place: Place, message: string): string {
    const path = formatPlace(place);
    return `${this.file}:${at.line}:${at.column}: ${path === "" ? "" : `${path}: `}${message}`;
  }
}

function inOrder(lines: readonly { at: Position; text: string }[]): string[] {
  return [...lines].sort((a, b) => a.at.line - b.at.line || a.at.column - b.at.column).map(({ text }) => text);
}

export function formatPlace(place: Place): string {
  return place
    .map((part, index) =>
      typeof part === "string" && /^[A-Za-z_$][\w$-]*$/.test(part)
        ? `${index === 0 ? "" : "."}${part}`
        : `[${typeof part === "string" ? quote(part) : part}]`,
    )
    .join("");
}

/** A value as a message shows it: as JSON, cut when it is long. */
export function quote(value: unknown): string {
  const text = JSON.stringify(value);
  return text.length > 80 ? `${text.slice(0, 77)}...` : text;
}
