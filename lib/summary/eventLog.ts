import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** In the environment of the CLI: makes its option --event-log known. */
export const eventLogEnvironment = { PULUMI_DEBUG_COMMANDS: "true" };

/** Lets the engine write its event log into a file that nobody else can read, and that is gone afterwards. */
export async function withEventLog<Answer>(
  run: (options: readonly string[]) => Promise<Answer>,
): Promise<{ answer: Answer; events: string }> {
  const folder = await mkdtemp(join(tmpdir(), "engine-events-"));
  const log = join(folder, "events.json");
  try {
    // The engine writes secrets into it as they are.
    await writeFile(log, "", { mode: 0o600 });
    const answer = await run(["--event-log", log]);
    return { answer, events: await readFile(log, "utf8") };
  } finally {
    await rm(folder, { recursive: true });
  }
}
