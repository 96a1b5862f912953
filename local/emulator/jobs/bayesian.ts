import type { Observation, Sample } from "./sampler";
import { draw, type Expression, type Value } from "./searchSpace";

/** Trials that are drawn at random before the sampler learns. */
const warmup = 3;
/** Points among which it chooses. */
const candidates = 24;
/** The share of the finished trials that counts as good. */
const goodShare = 0.25;

/**
 * The parameters of the next trial by a tree-structured Parzen estimator: of points near to the good trials, the one that is
 * most likely among those and least likely among the others.
 * @see Bergstra et al., Algorithms for Hyper-Parameter Optimization, 2011
 */
export function bayesianPoint(
  entry: Record<string, Expression>,
  uniform: () => number,
  finished: readonly Observation[],
): Sample {
  const random = (): Sample =>
    Object.fromEntries(Object.entries(entry).map(([name, expression]) => [name, draw(expression, uniform)]));
  if (finished.length < warmup) return random();
  const ranked = [...finished].sort((a, b) => b.metric - a.metric);
  const good = ranked.slice(0, Math.ceil(ranked.length * goodShare));
  const bad = ranked.slice(good.length);
  const axes = Object.entries(entry).map(([name, expression]) => axisOf(name, expression, good, bad));
  // A part comes from the prior, so that what no trial has tried yet is tried as well.
  const points = Array.from({ length: candidates }, (_, index): Sample =>
    index % 4 === 0 ? random() : Object.fromEntries(axes.map((axis) => [axis.name, axis.near(uniform)])),
  );
  const gains = points.map((point) => axes.reduce((sum, axis) => sum + axis.gain(point[axis.name]), 0));
  return points[gains.indexOf(Math.max(...gains))] ?? random();
}

/** One hyperparameter, with what the trials say of it. */
interface Axis {
  name: string;
  /** A value near to that of a good trial. */
  near(this: void, uniform: () => number): Value;
  /** Logarithm of how much likelier a value is among the good trials. */
  gain(this: void, value: Value | undefined): number;
}

function axisOf(name: string, expression: Expression, good: readonly Observation[], bad: readonly Observation[]): Axis {
  const valuesOf = (points: readonly Observation[]) => points.map(({ sample }) => sample[name]);
  if (expression.kind === "value") return { name, near: () => expression.value, gain: () => 0 };
  if (expression.kind === "choice") {
    const { values } = expression;
    // Each choice counts once more than it was tried: the prior.
    const weight = (tried: readonly Value[], value: Value | undefined) =>
      (1 + tried.filter((other) => other === value).length) / (values.length + tried.length);
    const [liked, others] = [valuesOf(good), valuesOf(bad)];
    return {
      name,
      near: (uniform) => {
        let rest = uniform();
        return values.find((value) => (rest -= weight(liked, value)) < 0) ?? (values.at(-1) as Value);
      },
      gain: (value) => Math.log(weight(liked, value) / weight(others, value)),
    };
  }
  const scale = scaleOf(expression.name, expression.args);
  const unitsOf = (points: readonly Observation[]) => valuesOf(points).map((value) => scale.unit(Number(value)));
  const [liked, others] = [unitsOf(good), unitsOf(bad)];
  return {
    name,
    near: (uniform) => {
      const center = liked[Math.floor(uniform() * liked.length)] ?? 0.5;
      const step = widthOf(liked) * Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());
      return scale.value(reflected(center + step));
    },
    gain: (value) => {
      const at = scale.unit(Number(value));
      return Math.log(density(at, liked) / density(at, others));
    },
  };
}

/** Between a distribution and the interval from 0 to 1, in which equal steps are equally likely. */
function scaleOf(distribution: string, args: readonly number[]): { unit(x: number): number; value(u: number): number } {
  const [a = 0, b = 1, q] = args;
  const isLog = /log/.test(distribution);
  const linear = (x: number) => (isLog ? Math.log(Math.max(x, Number.MIN_VALUE)) : x);
  const stepped = (x: number) => (q === undefined ? x : Math.round(x / q) * q);
  const back = (x: number) => stepped(isLog ? Math.exp(x) : x);
  if (distribution === "randint")
    return { unit: (x) => (x + 0.5) / a, value: (u) => Math.min(a - 1, Math.floor(u * a)) };
  if (/normal$/.test(distribution)) {
    // The logistic curve is within a hundredth of the normal one.
    const steep = 1.702;
    return {
      unit: (x) => 1 / (1 + Math.exp((-steep * (linear(x) - a)) / b)),
      value: (u) => back(a + (b / steep) * Math.log(u / (1 - u))),
    };
  }
  const span = Math.max(b - a, Number.EPSILON);
  return { unit: (x) => (linear(x) - a) / span, value: (u) => back(a + u * span) };
}

/** Narrower the more points there are. */
function widthOf(points: readonly number[]): number {
  return Math.max(0.05, 0.3 / Math.sqrt(1 + points.length));
}

/** Parzen's estimate, with the prior as one more point. */
function density(at: number, points: readonly number[]): number {
  const width = widthOf(points);
  let sum = 0;
  for (const point of points) sum += Math.exp(-0.5 * ((at - point) / width) ** 2);
  return (1 + sum / (width * Math.sqrt(2 * Math.PI))) / (points.length + 1);
}

/** Folded back into the open interval from 0 to 1. */
function reflected(u: number): number {
  const folded = Math.abs(u % 2);
  return Math.min(1 - 1e-9, Math.max(1e-9, folded > 1 ? 2 - folded : folded));
}
