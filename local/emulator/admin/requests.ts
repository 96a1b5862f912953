import { z } from "zod";
import { ArmError } from "../contracts";

/** Bodies of the admin endpoint. Unknown properties are refused: a typing error must not pass as "nothing asked for". */
export const clockRequest = z
  .strictObject({
    rate: z.number().positive().max(100_000).optional(),
    stopped: z.boolean().optional(),
    advanceSeconds: z.number().nonnegative().optional(),
  })
  .refine((body) => Object.keys(body).length > 0, "one of rate, stopped, advanceSeconds is wanted");

const faultRequest = z.union(
  [
    z.strictObject({
      status: z.number().int().min(400).max(599),
      retryAfter: z.number().int().nonnegative().optional(),
      code: z.string().optional(),
      message: z.string().optional(),
    }),
    z.strictObject({ reset: z.literal(true) }),
    z.strictObject({ slowMs: z.number().positive().max(3_600_000) }),
    z.strictObject({ truncate: z.literal(true) }),
  ],
  'one of {"status", "retryAfter"?}, {"reset": true}, {"slowMs"}, {"truncate": true} is wanted',
);

export const ruleRequest = z.strictObject({
  match: z
    .strictObject({
      service: z.enum(["cloud", "blobs"]).optional(),
      method: z.string().optional(),
      path: z.string().refine(isPattern, "no regular expression").optional(),
    })
    .default({}),
  count: z.number().int().positive().default(1),
  fault: faultRequest,
});

export const preemptRequest = z.union(
  [
    z.strictObject({ job: z.string(), requeue: z.boolean().default(true) }),
    z.strictObject({ compute: z.string(), node: z.string().optional(), requeue: z.boolean().default(true) }),
  ],
  '{"job"} or {"compute", "node"?} is wanted, each with "requeue" or without',
);

export const failRequest = z.strictObject({
  trial: z.string(),
  error: z.string().default("The trial was made to fail."),
});

export const killRequest = z.strictObject({
  endpoint: z.string(),
  deployment: z.string(),
  replica: z.number().int().nonnegative().default(0),
});

export const deploymentRequest = z.strictObject({
  endpoint: z.string(),
  deployment: z.string(),
  status: z.number().int().min(400).max(599).optional(),
  slowMs: z.number().positive().max(3_600_000).optional(),
  share: z.number().gt(0).max(1).optional(),
});

/** @throws ArmError 400 that names what is wrong */
export function parseRequest<S extends z.ZodType>(schema: S, body: unknown): z.output<S> {
  const result = schema.safeParse(body ?? {});
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const path = issue?.path.join(".") ?? "";
  throw new ArmError(400, "InvalidRequestContent", `${path ? `${path}: ` : ""}${issue?.message}`, path || undefined);
}

function isPattern(text: string): boolean {
  try {
    new RegExp(text);
    return true;
  } catch {
    return false;
  }
}
