import { watch } from "node:fs";
import { mkdtemp, open, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** In the environment of the CLI: makes its option --event-log known. */
export const eventLogEnvironment = { PULUMI_DEBUG_COMMANDS: "true" };

/**
 * Lets the engine write its event log into a file that nobody else can read. The engine writes secrets into it as they are,
 * so its name goes as soon as the engine has it open: whoever is killed leaves nothing.
 */
export async function withEventLog<Answer>(
  run: (options: readonly string[]) => Promise<Answer>,
): Promise<{ answer: Answer; events: string }> {
  const folder = await mkdtemp(join(tmpdir(), "engine-events-"));
  const log = join(folder, "events.json");
  const file = await open(log, "wx+", 0o600);
  // Where an open file keeps its name, which is on Windows, it goes in the end.
  const opened = watch(log, { persistent: false }, () => {
    opened.close();
    void rm(folder, { recursive: true }).catch(() => undefined);
  });
  try {
    const answer = await run(["--event-log", log]);
    return { answer, events: await file.readFile("utf8") };
  } finally {
    opened.close();
    await file.close();
    await rm(folder, { recursive: true, force: true });
  }
}
