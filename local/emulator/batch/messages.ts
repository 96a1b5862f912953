/** A container of a storage account, and a path in it. */
export interface OrderedPlace {
  storageAccountId: string;
  container: string;
  path: string;
}

/** What the process of a batch is told at its start. */
export interface BatchOrder {
  workspaceId: string;
  jobName: string;
  /** File with the weights. */
  modelFile: string;
  boxScoreThreshold?: number;
  nmsIouThreshold?: number;
  input: OrderedPlace & { isFolder: boolean };
  /** Folder, and the name of the file in it; no name writes nothing. */
  output: OrderedPlace & { fileName?: string };
  miniBatchSize: number;
  /** Mini-batches that are scored at once. */
  concurrency: number;
  maxRetries: number;
  /** Of a mini-batch, in milliseconds. */
  timeoutMs: number;
  /** Files that may fail; -1 is any number. */
  errorThreshold: number;
}

export type BatchMessage = { done: { files: number; failed: number } } | { failed: string };
