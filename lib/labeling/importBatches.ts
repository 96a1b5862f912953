import { setTimeout as sleep } from "node:timers/promises";
import { UserError } from "../errors";
import { importTasks, listTasks } from "./api";
import type { Task } from "./wire";
import type { LabelStudioClient } from "./client";
import { UnknownOutcome } from "./requestErrors";
import type { SentBatch, TaskLedger } from "./taskLedger";

/** Label Studio writes so many in one go. */
const batchTasks = 500;
/** A request that has had no answer for so long is not worked on any more. */
const settleMs = 30_000;
const pollMs = 500;
/** Rounds without any progress before an error ends it. */
const mostRounds = 4;

type NewTask = Omit<Task, "id">;
type KeyOf = (task: NewTask) => string;

/**
 * Imports tasks, each once. Label Studio does not tell equal tasks apart, and a request whose answer did not come may be done
 * later all the same; so what was sent is noted before, and what has arrived is looked up by whoever goes on.
 */
export class TaskImport {
  constructor(
    private readonly client: LabelStudioClient,
    private readonly projectId: number,
    private readonly ledger: TaskLedger,
    private readonly keyOf: KeyOf,
  ) {}

  /** Waits until a batch that a killed run has sent is there, or can come no more. To be called before tasks are listed. */
  async settle(): Promise<void> {
    const sent = await this.ledger.read();
    if (!sent) return;
    await this.whenArrived(sent);
    await this.ledger.write(undefined);
  }

  /**
   * @param highestId of the tasks that are there
   * @param onProgress told how many are there
   */
  async run(tasks: readonly NewTask[], highestId: number, onProgress: (done: number) => void): Promise<void> {
    let after = highestId;
    for (let begin = 0; begin < tasks.length; begin += batchTasks) {
      onProgress(begin);
      after = await this.send(tasks.slice(begin, begin + batchTasks), after);
    }
    onProgress(tasks.length);
  }

  /** Sends until all are there; answers the highest id then. */
  private async send(batch: readonly NewTask[], before: number): Promise<number> {
    let [missing, after] = [batch, before];
    for (let round = 1; missing.length > 0; round++) {
      const sent = { after, tasks: missing.length, sentAt: new Date().toISOString() };
      await this.ledger.write(sent);
      this.ledger.assertHeld();
      const failure = await this.request(missing);
      const isOver = !failure || failure.isOver;
      const arrived = isOver ? await this.listAfter(after) : await this.whenArrived(sent);
      const keys = new Set(arrived.map(this.keyOf));
      const left = missing.filter((task) => !keys.has(this.keyOf(task)));
      if (left.length === missing.length && round >= mostRounds) {
        throw new UserError(
          `${failure?.message ?? "Label Studio answers that it has imported tasks"}, and of ${missing.length} tasks it has none. ` +
            "Look at its log, and run this again.",
        );
      }
      missing = left;
      after = Math.max(after, ...arrived.map(({ id }) => id));
    }
    await this.ledger.write(undefined);
    return after;
  }

  /** Answers with what leaves it open whether it was done. @throws for a refusal: nothing was imported */
  private async request(tasks: readonly NewTask[]): Promise<UnknownOutcome | undefined> {
    try {
      await importTasks(this.client, this.projectId, tasks);
    } catch (error) {
      if (error instanceof UnknownOutcome) return error;
      await this.ledger.write(undefined);
      throw error;
    }
  }

  /** The tasks that came after one, once all of a batch are among them or can come no more. */
  private async whenArrived(sent: SentBatch): Promise<Task[]> {
    const deadline = Math.min(Date.parse(sent.sentAt), Date.now()) + settleMs;
    for (;;) {
      const arrived = await this.listAfter(sent.after);
      if (arrived.length >= sent.tasks || Date.now() >= deadline) return arrived;
      await sleep(pollMs);
    }
  }

  private async listAfter(id: number): Promise<Task[]> {
    const found: Task[] = [];
    for await (const task of listTasks(this.client, this.projectId, id)) found.push(task);
    return found;
  }
}
