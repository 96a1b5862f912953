import { z } from "zod";
import { UserError } from "../errors";

const state = z.looseObject({
  type: z.string(),
  custom: z.boolean().optional(),
  protect: z.boolean().optional(),
  inputs: z.record(z.string(), z.unknown()).optional(),
  outputs: z.record(z.string(), z.unknown()).optional(),
});

const schema = z.looseObject({
  config: z.record(z.string(), z.string()).optional(),
  steps: z
    .array(
      z.looseObject({
        op: z.string(),
        urn: z.string(),
        oldState: state.optional(),
        newState: state.optional(),
        replaceReasons: z.array(z.string()).nullish(),
        detailedDiff: z.record(z.string(), z.unknown()).nullish(),
      }),
    )
    .default([]),
  diagnostics: z.array(z.looseObject({ message: z.string(), severity: z.string() })).default([]),
  changeSummary: z.record(z.string(), z.number()).default({}),
});

/** What `pulumi preview --json` prints. */
export type Digest = z.output<typeof schema>;
export type Step = Digest["steps"][number];

/** @param text the output of `pulumi preview --json`; lines before the document are left out */
export function parseDigest(text: string): Digest {
  const begin = text.search(/^\{/m);
  const next = "Give the output of: pulumi preview --json";
  if (begin < 0) throw new UserError(`The preview is no JSON document: ${JSON.stringify(text.slice(0, 60))}. ${next}`);
  let document: unknown;
  try {
    document = JSON.parse(text.slice(begin));
  } catch (error) {
    throw new UserError(`The preview is no whole JSON document (${(error as Error).message}). ${next}`);
  }
  const result = schema.safeParse(document);
  if (result.success) return { ...result.data, steps: byUrn(result.data.steps) };
  const where = result.error.issues.map(({ path, message }) => `${path.join(".")}: ${message}`).slice(0, 3);
  throw new UserError(`The preview is not as the engine writes it (${where.join("; ")}). ${next}`);
}

/** The engine works on several resources at once, so that their order is another one each time; that of one resource's steps stays. */
function byUrn(steps: readonly Step[]): Step[] {
  return [...steps].sort((a, b) => (a.urn < b.urn ? -1 : Number(a.urn > b.urn)));
}

/** Resource type and name of a URN, without the types of its parents. */
export function typeAndName(urn: string): { type: string; name: string } {
  const [, , types = "", name = ""] = urn.slice("urn:pulumi:".length).split("::");
  return { type: types.split("$").at(-1) ?? "", name };
}

/** What the engine puts in place of a value that is not known before `up`. */
export const unknownValue = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
