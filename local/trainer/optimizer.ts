import type { Weights } from "./model";
import type { Hyperparameters } from "./settings";

/** Gradients longer than this are shortened to it, so that a high learning rate does not throw the weights off. */
const longestGradient = 20;

interface State {
  first: Float32Array;
  second: Float32Array;
}

/** SGD with Nesterov's momentum, Adam (decay in the gradient) or AdamW (decay beside it); changes the weights in place. */
export class Optimizer {
  private readonly states = new Map<string, State>();
  private step = 0;

  constructor(private readonly settings: Pick<Hyperparameters, "optimizer" | "momentum" | "weightDecay">) {}

  /** @returns the length of the gradient; when it is not finite, no weight was changed */
  apply(weights: Weights, gradients: Record<string, Float32Array>, learningRate: number): number {
    this.step++;
    let squares = 0;
    for (const gradient of Object.values(gradients)) for (const value of gradient) squares += value * value;
    const length = Math.sqrt(squares);
    if (!Number.isFinite(length)) return length;
    const scale = Math.min(1, longestGradient / length);
    for (const [name, { values }] of Object.entries(weights)) {
      const state = this.stateOf(name, values.length);
      // A decayed bias would only fight the prior of the heatmap.
      const decay = name.endsWith(".bias") ? 0 : this.settings.weightDecay;
      if (this.settings.optimizer === "sgd") this.sgd(values, gradients[name], state, learningRate, scale, decay);
      else this.adam(values, gradients[name], state, learningRate, scale, decay);
    }
    return length;
  }

  private sgd(
    values: Float32Array,
    gradient: Float32Array,
    { first }: State,
    rate: number,
    scale: number,
    decay: number,
  ): void {
    const { momentum } = this.settings;
    for (let index = 0; index < values.length; index++) {
      const slope = gradient[index] * scale + decay * values[index];
      first[index] = momentum * first[index] + slope;
      values[index] = values[index] - rate * (slope + momentum * first[index]);
    }
  }

  private adam(
    values: Float32Array,
    gradient: Float32Array,
    { first, second }: State,
    rate: number,
    scale: number,
    decay: number,
  ): void {
    const decoupled = this.settings.optimizer === "adamw";
    const [correction1, correction2] = [1 - 0.9 ** this.step, 1 - 0.999 ** this.step];
    for (let index = 0; index < values.length; index++) {
      const slope = gradient[index] * scale + (decoupled ? 0 : decay * values[index]);
      first[index] = 0.9 * first[index] + 0.1 * slope;
      second[index] = 0.999 * second[index] + 0.001 * slope * slope;
      const direction = first[index] / correction1 / (Math.sqrt(second[index] / correction2) + 1e-8);
      values[index] = values[index] - rate * (direction + (decoupled ? decay * values[index] : 0));
    }
  }

  private stateOf(name: string, length: number): State {
    let state = this.states.get(name);
    if (!state) this.states.set(name, (state = { first: new Float32Array(length), second: new Float32Array(length) }));
    return state;
  }
}

/** The learning rate at a point of the training, from 0 to 1. */
export function scheduledRate({ scheduler, learningRate }: Hyperparameters, progress: number): number {
  const warmup = Math.min(1, 0.1 + (0.9 * progress) / 0.08);
  switch (scheduler) {
    case "warmup_cosine":
      return learningRate * warmup * (0.02 + 0.98 * 0.5 * (1 + Math.cos(Math.PI * progress)));
    case "step":
      return learningRate * warmup * 0.5 ** Math.floor(progress * 3);
    case "none":
      return learningRate * warmup;
  }
}
