import type { Weights } from "./model";

/** Share that the average keeps at each step, once enough steps are in it. */
const longestMemory = 0.96;

/** Weights averaged over the last steps: they generalize better than those of any one step, and jump less between epochs. */
export class RunningAverage {
  readonly weights: Weights;
  private steps = 0;

  constructor(initial: Weights) {
    this.weights = copyOf(initial);
  }

  follow(current: Weights): void {
    this.steps++;
    const keep = Math.min(longestMemory, (1 + this.steps) / (10 + this.steps));
    for (const [name, { values }] of Object.entries(this.weights)) {
      const target = current[name].values;
      for (let index = 0; index < values.length; index++)
        values[index] = keep * values[index] + (1 - keep) * target[index];
    }
  }
}

export function copyOf(weights: Weights): Weights {
  return Object.fromEntries(
    Object.entries(weights).map(([name, { shape, values }]) => [name, { shape, values: values.slice() }]),
  );
}
