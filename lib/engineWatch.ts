import { connect } from "node:net";

const pollMs = 1_000;

/**
 * Ends this process when the engine that started it is gone. An engine that is killed cannot end its plugins, and one that
 * went on would work for nobody.
 * @param address `HOST:PORT` of the engine, as plugins are given it
 */
export function endWithEngine(address: string | undefined): void {
  const [, host, port] = /^(.+):(\d+)$/.exec(address ?? "") ?? [];
  if (!host || !port) return;
  const timer = setInterval(() => {
    const probe = connect({ host, port: Number(port) });
    probe.once("connect", () => probe.destroy());
    probe.once("error", ({ code }: NodeJS.ErrnoException) => code === "ECONNREFUSED" && process.exit(1));
  }, pollMs);
  timer.unref();
}
