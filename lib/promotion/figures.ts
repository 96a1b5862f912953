/** A figure for people. */
export function roundedFigure(value: number): string {
  return value.toFixed(4);
}

/** Two figures with as many digits as it takes to tell them apart: "0.5000 against 0.5000" explains nothing. */
export function distinctFigures(a: number, b: number): [string, string] {
  for (const digits of [4, 6, 9]) {
    const texts: [string, string] = [a.toFixed(digits), b.toFixed(digits)];
    if (a === b || texts[0] !== texts[1]) return texts;
  }
  return [String(a), String(b)];
}
