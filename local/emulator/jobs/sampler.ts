import { createHash } from "node:crypto";
import { ArmError } from "../contracts";
import { draw, parseExpression, type Expression, type Value } from "./searchSpace";

export type Sample = Record<string, Value>;

/** A finished trial, as a sampler that learns sees it. */
export interface Observation {
  sample: Sample;
  metric: number;
}

export type Space = Record<string, Expression>[];

export function parseSpace(searchSpace: readonly Record<string, string>[]): Space {
  return searchSpace.map((entry, index) =>
    Object.fromEntries(
      Object.entries(entry).map(([name, text]) => [
        name,
        parseExpression(text, `properties.taskDetails.searchSpace[${index}].${name}`),
      ]),
    ),
  );
}

/**
 * The parameters of the trial with this number (from 0); undefined when there are no more. Draws depend on the seed and
 * the number alone (Bayesian ones on the finished trials as well), so a restart draws the same.
 */
export function sampleTrial(
  algorithm: string,
  space: Space,
  seed: string,
  number: number,
  finished: readonly Observation[],
): Sample | undefined {
  if (space.length === 0) return number === 0 ? {} : undefined;
  switch (algorithm.toLowerCase()) {
    case "grid":
      return gridPoint(space, number);
    case "random":
      return randomPoint(space, uniformOf(`${seed}/${number}`));
    case "bayesian":
      return bayesianPoint(space, `${seed}/${number}`, finished);
    default:
      throw new ArmError(
        400,
        "UserError",
        `samplingAlgorithm '${algorithm}' is not one of Grid, Random, Bayesian.`,
        "properties.taskDetails.sweepSettings.samplingAlgorithm",
      );
  }
}

/** All combinations of the choices, entry by entry. */
function gridPoint(space: Space, number: number): Sample | undefined {
  let rest = number;
  for (const entry of space) {
    const axes = Object.entries(entry).map(([name, expression]) => [name, valuesOf(expression, name)] as const);
    const size = axes.reduce((product, [, values]) => product * values.length, 1);
    if (rest >= size) {
      rest -= size;
      continue;
    }
    const sample: Sample = {};
    for (const [name, values] of axes) {
      sample[name] = values[rest % values.length]!;
      rest = Math.floor(rest / values.length);
    }
    return sample;
  }
  return undefined;
}

function valuesOf(expression: Expression, name: string): Value[] {
  if (expression.kind === "value") return [expression.value];
  if (expression.kind === "choice") return expression.values;
  throw new ArmError(
    400,
    "UserError",
    `Grid sampling supports choice only; '${name}' is ${expression.name}.`,
    "properties.taskDetails.searchSpace",
  );
}

function randomPoint(space: Space, uniform: () => number): Sample {
  const entry = space[Math.floor(uniform() * space.length)] ?? {};
  return Object.fromEntries(Object.entries(entry).map(([name, expression]) => [name, draw(expression, uniform)]));
}

/** Trials that are drawn at random before the sampler learns, and points among which it chooses. */
const warmup = 3;
const candidates = 32;

/** The random point nearest to good trials and far from bad ones: a kernel estimate in the manner of Parzen trees. */
function bayesianPoint(space: Space, seed: string, finished: readonly Observation[]): Sample {
  if (finished.length < warmup) return randomPoint(space, uniformOf(seed));
  const ranked = [...finished].sort((a, b) => b.metric - a.metric);
  const good = ranked.slice(0, Math.ceil(ranked.length / 3));
  const bad = ranked.slice(good.length);
  const density = (sample: Sample, points: readonly Observation[]) =>
    1e-6 +
    points.reduce((sum, point) => sum + Math.exp(-4 * distance(space, sample, point.sample)), 0) /
      Math.max(1, points.length);
  const points = Array.from({ length: candidates }, (_, index) => randomPoint(space, uniformOf(`${seed}/${index}`)));
  const value = (sample: Sample) => density(sample, good) / density(sample, bad);
  return points.reduce((top, next) => (value(next) > value(top) ? next : top));
}

function distance(space: Space, a: Sample, b: Sample): number {
  const names = new Set([...Object.keys(a), ...Object.keys(b)]);
  let sum = 0;
  for (const name of names) {
    const [left, right] = [a[name], b[name]];
    if (typeof left === "number" && typeof right === "number") {
      const args = space.flatMap((entry) => (entry[name]?.kind === "distribution" ? [entry[name].args] : []));
      const [low = 0, high = 1] = args[0] ?? [Math.min(left, right), Math.max(left, right)];
      sum += Math.min(1, Math.abs(left - right) / Math.max(1e-12, Math.abs(high - low)));
    } else if (left !== right) sum += 1;
  }
  return sum / Math.max(1, names.size);
}

/** Numbers in [0, 1) that follow from a text. */
function uniformOf(seed: string): () => number {
  let counter = 0;
  return () => createHash("sha256").update(`${seed}#${counter++}`).digest().readUInt32BE(0) / 2 ** 32;
}
