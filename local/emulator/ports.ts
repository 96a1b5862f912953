import { randomInt } from "node:crypto";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createServer } from "node:net";
import writeFileAtomic from "write-file-atomic";
import { UserError } from "../../lib/errors";

/**
 * Ports are kept for as long as a stack lives, so they are picked below those that systems give to outgoing connections (from
 * 32768 on Linux, from 49152 elsewhere): one of these could have the port while its server is down.
 */
const [lowestPort, highestPort] = [20_000, 32_767];

/** A port of the loopback that nobody has. */
async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(lowestPort, highestPort + 1);
    const server = createServer();
    const isFree = await new Promise<boolean>((resolve) => {
      server.once("error", () => resolve(false)).listen(port, "127.0.0.1", () => resolve(true));
    });
    if (!isFree) continue;
    server.close();
    await once(server, "close");
    return port;
  }
}

/**
 * Ports that are picked once and kept, in a file that no start removes: addresses are in the state of stacks.
 * @param variables environment variable of each port that chooses another
 * @throws UserError when a variable has no port
 */
export async function keptPorts<Name extends string>(
  file: string,
  variables: Record<Name, string>,
): Promise<Record<Name, number>> {
  const kept = await readFile(file, "utf8")
    .then((text) => JSON.parse(text) as Partial<Record<Name, number>>)
    .catch((): Partial<Record<Name, number>> => ({}));
  const ports = {} as Record<Name, number>;
  for (const name of Object.keys(variables) as Name[])
    ports[name] = chosenPort(variables[name]) ?? kept[name] ?? (await freePort());
  await writeFileAtomic(file, JSON.stringify(ports), { mode: 0o600 });
  return ports;
}

function chosenPort(variable: string): number | undefined {
  const text = process.env[variable];
  if (!text) return undefined;
  const port = Number(text);
  if (Number.isInteger(port) && port > 0 && port < 65_536) return port;
  throw new UserError(`${variable} is "${text}"; a port from 1 to 65535 is wanted. Correct it, or unset it.`);
}
