import { spawn } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { connect } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { UserError } from "../../lib/errors";
import { endGroup } from "../processes";

const pollMs = 100;
const closingLimitMs = 5_000;
const shownLines = 8;

export interface ServerProcess {
  /** What people call it. */
  name: string;
  command: string;
  args: readonly string[];
  environment: Record<string, string>;
  logFile: string;
  /** Bounds the time to the first good answer, in milliseconds. */
  limitMs: number;
  /** Whether it answers as it should; an error ends the start. */
  isReady(): Promise<boolean>;
}

/**
 * Starts a background process that has a group of its own, and waits until it is ready.
 * @throws UserError with the end of its log when it ends or does not become ready
 */
export async function launch(server: ServerProcess, signal?: AbortSignal): Promise<number> {
  const log = openSync(server.logFile, "w", 0o600);
  const child = spawn(server.command, server.args, {
    detached: true,
    stdio: ["ignore", log, log],
    env: server.environment,
  });
  closeSync(log);
  child.unref();
  let ended: string | undefined;
  child.once("error", (error) => (ended = error.message));
  child.once("exit", (code, by) => (ended ??= `it ended with ${by ?? `status ${code}`}`));
  try {
    const deadline = Date.now() + server.limitMs;
    while (ended === undefined && Date.now() < deadline) {
      signal?.throwIfAborted();
      if (await server.isReady()) return child.pid ?? 0;
      await sleep(pollMs);
    }
  } catch (error) {
    if (child.pid) await endGroup(child.pid);
    throw error;
  }
  if (child.pid) await endGroup(child.pid);
  const lines = (await readFile(server.logFile, "utf8").catch(() => "")).trimEnd().split("\n").slice(-shownLines);
  const why = ended ?? `no good answer within ${server.limitMs / 1000} s`;
  throw new UserError(`${server.name} did not start: ${why}.\n${lines.join("\n")}\nIts log: ${server.logFile}`);
}

/**
 * Whether anything listens on a port of the loopback, and goes on to: a process that was killed is gone for the list of
 * processes a moment before its port is free.
 */
export async function isTaken(port: number): Promise<boolean> {
  const deadline = Date.now() + closingLimitMs;
  while (await connects(port)) {
    if (Date.now() > deadline) return true;
    await sleep(pollMs);
  }
  return false;
}

function connects(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: "127.0.0.1", port });
    const answer = (connected: boolean) => () => {
      socket.destroy();
      resolve(connected);
    };
    socket.once("connect", answer(true)).once("error", answer(false));
  });
}
