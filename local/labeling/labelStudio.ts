import { join } from "node:path";
import { UserError } from "../../lib/errors";
import { closedStudio } from "../../lib/labeling/studioEnvironment";
import type { LabelingCredentials } from "./credentials";
import { labelStudioVersion } from "./install";
import type { ServerProcess } from "./serverProcess";

/** A first start makes the database: half a minute on a quiet machine, and minutes on a busy one. One that fails ends by itself. */
const startLimitMs = 600_000;
const requestMs = 10_000;

/** Variables of the user's shell that Label Studio and Python get. It reads HOST, PORT, USERNAME and many more without a prefix. */
const handedOn = ["PATH", "HOME", "LANG", "LC_ALL", "TZ", "TMPDIR"];

export interface LabelStudioSettings {
  program: string;
  /** Of its database and files. */
  dataFolder: string;
  port: number;
  credentials: LabelingCredentials;
  logFile: string;
}

/** Label Studio on the loopback. */
export function labelStudioProcess(settings: LabelStudioSettings): ServerProcess {
  const { program, dataFolder, port, credentials, logFile } = settings;
  const url = labelStudioUrl(port);
  return {
    name: "Label Studio",
    command: join(program, "..", "python"),
    args: [program, "start", "--no-browser", "--port", String(port), "--internal-host", "127.0.0.1"],
    environment: {
      ...Object.fromEntries(handedOn.flatMap((name) => (process.env[name] ? [[name, process.env[name]]] : []))),
      LABEL_STUDIO_BASE_DATA_DIR: dataFolder,
      LABEL_STUDIO_HOST: url,
      LABEL_STUDIO_USERNAME: credentials.user,
      LABEL_STUDIO_PASSWORD: credentials.password,
      LABEL_STUDIO_USER_TOKEN: credentials.token,
      ...closedStudio,
      PYTHONUNBUFFERED: "1",
    },
    logFile,
    limitMs: startLimitMs,
    isReady: () => answers(port, credentials.token),
  };
}

export function labelStudioUrl(port: number): string {
  return `http://127.0.0.1:${port}`;
}

/**
 * Whether this Label Studio answers, and takes the token.
 * @throws UserError when another program has the port, or the token is not its own
 */
export async function answers(port: number, token: string): Promise<boolean> {
  const health = await ask(port, "/health");
  if (!health?.ok) return false;
  const user = await ask(port, "/api/current-user/whoami", token);
  if (!user) return false;
  if (user.ok) return true;
  if (user.status !== 401) return false;
  throw new UserError(
    `Label Studio ${labelStudioVersion} at ${labelStudioUrl(port)} refuses the token of this state folder: its credentials.json is not ` +
      'the one that it was first started with. Put that back, or run "npm run local:reset" to begin anew, which removes what was labeled.',
  );
}

async function ask(port: number, path: string, token?: string): Promise<Response | undefined> {
  const headers: Record<string, string> = token ? { authorization: `Token ${token}` } : {};
  const signal = AbortSignal.timeout(requestMs);
  return fetch(`${labelStudioUrl(port)}${path}`, { headers, signal, redirect: "manual" }).catch(() => undefined);
}
