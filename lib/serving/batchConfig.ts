import { z } from "zod";
import { count, positive } from "../configValues";

/** `serving.batch` of the stack's configuration. */
export const batchSchema = z.strictObject({
  /** Name of the batch endpoint, unique in its region. */
  endpointName: z
    .string()
    .regex(/^[a-z][a-z0-9-]{2,31}$/, "3 to 32 characters of [a-z0-9-], beginning with a letter")
    .default("automl-image-batch"),
  /** Nodes of the training cluster that a job takes. */
  nodes: count.default(1),
  /** Mini-batches that a node works on at once. */
  concurrency: count.default(1),
  /** Pictures of a mini-batch. */
  miniBatchSize: count.default(10),
  /** Seconds that a mini-batch may take; Azure's own 30 are short for a model that loads in that time. */
  timeoutSeconds: positive.default(300),
  /** How often a mini-batch that failed is tried again. */
  maxRetries: z.number().int().min(0).default(3),
  /** Pictures of a job that may fail before the job does; -1 is any number. */
  errorThreshold: z.number().int().min(-1).default(-1),
  /** Name of the file with a line of JSON for each picture. */
  outputFileName: z
    .string()
    .regex(/^[\w.-]+$/, "a file's name of letters, digits, '_', '.' and '-'")
    .default("predictions.jsonl"),
});

export type BatchConfig = z.output<typeof batchSchema>;

/** The part of a batch deployment's request body that says how it runs. */
export function batchSettings(config: Omit<BatchConfig, "endpointName">) {
  const { nodes, concurrency, miniBatchSize, timeoutSeconds, maxRetries, errorThreshold, outputFileName } = config;
  return {
    resources: { instanceCount: nodes },
    maxConcurrencyPerInstance: concurrency,
    miniBatchSize,
    retrySettings: { maxRetries, timeout: `PT${timeoutSeconds}S` },
    errorThreshold,
    outputAction: "AppendRow",
    outputFileName,
    loggingLevel: "Info",
  };
}
