import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { cp, mkdir, mkdtemp, readFile, rename, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import lockfile from "proper-lockfile";
import type { CloudRecord } from "../../local/environment";
import { projectFolder } from "../../local/state";
import { labelStudioVersion } from "../../local/labeling/install";
import { labelingEnvironment, startLabeling, stopLabeling } from "../../local/labeling/control";
import { inviteLink } from "../../lib/labeling/api";
import { LabelStudioClient } from "../../lib/labeling/client";

/** Somebody who has signed up. */
export interface Labeler {
  client: LabelStudioClient;
  /** Number in Label Studio. */
  id: number;
  password: string;
}

/** Label Studio as it is installed, with a state folder of its own. */
export class RealStudio {
  private constructor(
    private readonly root: string,
    readonly environment: Record<string, string>,
    readonly client: LabelStudioClient,
  ) {}

  static async start(cloud: CloudRecord): Promise<RealStudio> {
    const root = await mkdtemp(join(tmpdir(), "studio-"));
    await prepareStudio(root, cloud);
    await startLabeling(root, cloud, console.log);
    const environment = await labelingEnvironment(root);
    const { LABEL_STUDIO_URL: url = "", LABEL_STUDIO_API_KEY: token = "" } = environment;
    return new RealStudio(root, environment, new LabelStudioClient({ url, token }));
  }

  signUp(email: string): Promise<Labeler> {
    return signUp(this.client, email);
  }

  /** Kills Label Studio as a power cut would. */
  async kill(): Promise<void> {
    const record = JSON.parse(await readFile(join(this.root, "labeling", "service.json"), "utf8")) as { pid: number };
    process.kill(record.pid, "SIGKILL");
  }

  async startAgain(cloud: CloudRecord): Promise<void> {
    await startLabeling(this.root, cloud, console.log);
  }

  async remove(): Promise<void> {
    await stopLabeling(this.root);
    await rm(this.root, { recursive: true, force: true });
  }
}

/** Signs up by the labelers' link, as a person does in the browser. */
export async function signUp(admin: LabelStudioClient, email: string): Promise<Labeler> {
  const { url } = admin;
  const link = await inviteLink(admin);
  const page = await fetch(link);
  const [, csrfmiddlewaretoken = ""] = /name="csrfmiddlewaretoken" value="([^"]+)"/.exec(await page.text()) ?? [];
  const password = randomBytes(12).toString("base64url");
  const answer = await fetch(link, {
    method: "POST",
    redirect: "manual",
    headers: { cookie: cookiesOf(page), referer: link },
    body: new URLSearchParams({ csrfmiddlewaretoken, email, password, allow_newsletters: "false" }),
  });
  if (answer.status !== 302) throw new Error(`sign-up of ${email}: ${answer.status}`);
  const read = async (path: string) =>
    await (await fetch(`${url}${path}`, { headers: { cookie: cookiesOf(answer) } })).json();
  const { token } = (await read("/api/current-user/token")) as { token: string };
  const { id } = (await read("/api/current-user/whoami")) as { id: number };
  return { client: new LabelStudioClient({ url, token }), id, password };
}

function cookiesOf(answer: Response): string {
  return answer.headers
    .getSetCookie()
    .map((cookie) => cookie.split(";")[0])
    .join("; ");
}

const template = join(projectFolder, ".local", `label-studio-${labelStudioVersion}-template`);
const lockRetries = { retries: 2400, minTimeout: 250, maxTimeout: 250 };

/**
 * Gives a state folder the database of a Label Studio that was started before, since a first start makes it for half a minute
 * and more. The next start is as any other.
 */
export async function prepareStudio(root: string, cloud: CloudRecord): Promise<void> {
  if (!existsSync(template)) await makeTemplate(cloud);
  await cp(template, join(root, "labeling"), { recursive: true });
}

async function makeTemplate(cloud: CloudRecord): Promise<void> {
  await mkdir(dirname(template), { recursive: true });
  // Another test file may begin with it just now.
  const release = await lockfile.lock(dirname(template), { lockfilePath: `${template}.lock`, retries: lockRetries });
  try {
    if (existsSync(template)) return;
    const root = await mkdtemp(join(tmpdir(), "studio-"));
    await startLabeling(root, cloud, console.log);
    await stopLabeling(root);
    const draft = `${template}-draft`;
    await rm(draft, { recursive: true, force: true });
    await mkdir(draft, { mode: 0o700 });
    for (const part of ["data", "credentials.json"])
      await cp(join(root, "labeling", part), join(draft, part), { recursive: true });
    await rename(draft, template);
    await rm(root, { recursive: true, force: true });
  } finally {
    await release();
  }
}
