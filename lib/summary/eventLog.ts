import { mkdtemp, open, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** In the environment of the CLI: makes its option --event-log known. */
export const eventLogEnvironment = { PULUMI_DEBUG_COMMANDS: "true" };

const pollMs = 100;

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
  const looking = setInterval(() => void loseName(), pollMs).unref();
  const loseName = async () => {
    if ((await file.stat()).size === 0) return;
    clearInterval(looking);
    // Windows keeps the name of an open file; there it goes in the end.
    await rm(folder, { recursive: true }).catch(() => undefined);
  };
  try {
    const answer = await run(["--event-log", log]);
    return { answer, events: await file.readFile("utf8") };
  } finally {
    clearInterval(looking);
    await file.close();
    await rm(folder, { recursive: true, force: true });
  }
}
