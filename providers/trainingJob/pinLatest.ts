import { apiVersions, type ArmClient } from "../../lib/azure/arm";
import { UserError } from "../../lib/errors";

const latest = /^(\/subscriptions\/[^ ]*\/(data|environments)\/([^/]+))\/labels\/latest$/i;

/**
 * The body with each `.../NAME/labels/latest` in it pinned to the version that is the latest now, so that the job's name and
 * its record say what it ran on.
 * @throws UserError when the workspace has no such asset
 */
export async function pinLatest(connect: () => Promise<ArmClient>, body: Record<string, unknown>) {
  const pinned = async (value: unknown): Promise<unknown> => {
    if (typeof value === "string") return latest.test(value) ? pin(await connect(), value) : value;
    if (Array.isArray(value)) return Promise.all(value.map(pinned));
    if (typeof value !== "object" || value === null) return value;
    const entries = Object.entries(value).map(async ([key, item]) => [key, await pinned(item)] as const);
    return Object.fromEntries(await Promise.all(entries));
  };
  return (await pinned(body)) as Record<string, unknown>;
}

async function pin(arm: ArmClient, reference: string): Promise<string> {
  const [, container = "", kind = "", name = ""] = latest.exec(reference) ?? [];
  const found = await arm.get<{ latestVersion?: string }>(container, apiVersions.machineLearning);
  const version = found?.properties.latestVersion;
  if (version) return `${container}/versions/${version}`;
  throw new UserError(
    `azureml:${name}@latest: the workspace has no version of ${name} among its ${kind}. Register it, or name another one in the job file.`,
  );
}
