import { createHash } from "node:crypto";
import type { Properties } from "../maps";
import { pathArguments, type ResourceType } from "../resourceTypes";

/** How the engine wants names to be made: the `pulumi:autonaming` configuration. */
export interface Autonaming {
  mode: "propose" | "enforce" | "disable";
  proposedName: string;
}

/** How the real plugin makes the name of a type: with random digits, as a GUID, or as the resource is called. */
type Strategy = "random" | "uuid" | "copy";

/** Names that are unique over more than their parent are random, and so are those of resources without one. */
function strategyOf({ path }: ResourceType): Strategy {
  const name = path.split("/").at(-1);
  if (name === "{roleAssignmentName}") return "uuid";
  if (name === "{endpointName}") return "random";
  const [, own = ""] = /.*microsoft\.(.*)$/i.exec(path) ?? [];
  return own.split("{").length > 2 ? "copy" : "random";
}

/**
 * The last part of the path gets a name when none is given: the old one, else one that follows from the engine's seed, the same
 * as the real plugin gives. Resources with a random name are replaced by making the new one first.
 */
export function withAutoname(
  type: ResourceType,
  inputs: Properties,
  olds: Properties,
  urn: string,
  randomSeed: Uint8Array,
  autonaming?: Autonaming,
): Properties {
  const name = pathArguments(type).at(-1) ?? "";
  if (inputs[name] !== undefined || !type.path.endsWith(`{${name}}`)) return inputs;
  const strategy = strategyOf(type);
  const named = (value: unknown, isRandom: boolean) => ({
    ...inputs,
    [name]: value,
    ...(isRandom ? { __createBeforeDelete: true } : {}),
  });
  if (olds[name] !== undefined) return named(olds[name], olds.__createBeforeDelete === true);
  if (autonaming?.mode === "disable") return inputs;
  if (autonaming?.mode === "enforce" || (autonaming && strategy !== "uuid"))
    return named(autonaming.proposedName, true);
  const stem = urn.split("::").at(-1) ?? "resource";
  switch (strategy) {
    case "copy":
      return named(stem, false);
    case "uuid":
      return named(hexDigits(randomSeed, 32).replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-"), true);
    case "random":
      return named(stem + hexDigits(randomSeed, 8), true);
  }
}

/**
 * Digits of Pulumi's NewUniqueName: Go's ChaCha8 generator with the seed's hash as its key. A digit is the rest by 16 of eight
 * bytes, which are a word of block 0 or of block 2: the generator interlaces the words of four blocks.
 * @see https://c2sp.org/chacha8rand
 */
function hexDigits(seed: Uint8Array, count: number): string {
  const key = createHash("sha256").update(seed).digest();
  const blocks = [chacha8(key, 0), chacha8(key, 2)];
  const digits = Array.from({ length: count }, (_, at) => (blocks[at % 2]?.[at >> 1] ?? 0) & 15);
  return digits.map((digit) => digit.toString(16)).join("");
}

/** A block of ChaCha with 8 rounds, to which the key alone is added. */
function chacha8(key: Buffer, counter: number): Uint32Array {
  const keyWords = Array.from({ length: 8 }, (_, at) => key.readUInt32LE(4 * at));
  const words = Uint32Array.from([0x61707865, 0x3320646e, 0x79622d32, 0x6b206574, ...keyWords, counter, 0, 0, 0]);
  for (let round = 0; round < 8; round++) {
    // Columns and diagonals in turn.
    const shift = round % 2;
    for (let at = 0; at < 4; at++)
      mix(words, at, 4 + ((at + shift) % 4), 8 + ((at + 2 * shift) % 4), 12 + ((at + 3 * shift) % 4));
  }
  return words.map((word, at) => word + (keyWords[at - 4] ?? 0));
}

/** The quarter round. */
function mix(words: Uint32Array, a: number, b: number, c: number, d: number): void {
  const step = (to: number, from: number, turned: number, bits: number) => {
    words[to] = (words[to] ?? 0) + (words[from] ?? 0);
    const mixed = (words[turned] ?? 0) ^ (words[to] ?? 0);
    words[turned] = (mixed << bits) | (mixed >>> (32 - bits));
  };
  step(a, b, d, 16);
  step(c, d, b, 12);
  step(a, b, d, 8);
  step(c, d, b, 7);
}
