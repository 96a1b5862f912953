import { createHash } from "node:crypto";
import { ArmError } from "../contracts";
import { bayesianPoint } from "./bayesian";
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
      return bayesianPoint(space[0] ?? {}, uniformOf(`${seed}/${number}`), finished);
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

/** Numbers in [0, 1) that follow from a text. */
function uniformOf(seed: string): () => number {
  let counter = 0;
  return () => createHash("sha256").update(`${seed}#${counter++}`).digest().readUInt32BE(0) / 2 ** 32;
}
