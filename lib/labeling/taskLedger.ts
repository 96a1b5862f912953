/** A batch of tasks that was about to be sent; who was killed then does not know what became of it. */
export interface SentBatch {
  /** Highest id of a task before. */
  after: number;
  tasks: number;
  /** When it was sent, in ISO 8601. */
  sentAt: string;
}

/** Where the one who writes tasks leaves what it is doing, for whoever goes on after it. */
export interface TaskLedger {
  /** @throws UserError when another writer may be at work by now */
  assertHeld(): void;
  read(): Promise<SentBatch | undefined>;
  write(batch: SentBatch | undefined): Promise<void>;
}
