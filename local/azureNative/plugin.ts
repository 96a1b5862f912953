import { existsSync, readdirSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { UserError } from "../../lib/errors";

/** The SDK's version, which the plugin is to have. */
const {
  version: sdkVersion,
} = // eslint-disable-next-line @typescript-eslint/no-require-imports
  require("@pulumi/azure-native/package.json") as { version: string };

const standIn = join(__dirname, "bin");
const executable = "pulumi-resource-azure-native";

/**
 * The folder whose `pulumi-resource-azure-native` the engine is to run: the stand-in of this project, or, with
 * LOCAL_AZURE_NATIVE=plugin, the real plugin that is installed on this machine.
 * @throws UserError when that is asked for and not installed
 */
export function azureNativeFolder(environment: NodeJS.ProcessEnv): string {
  const wanted = environment.LOCAL_AZURE_NATIVE || "stand-in";
  if (wanted === "stand-in") return standIn;
  if (wanted !== "plugin")
    throw new UserError(`LOCAL_AZURE_NATIVE is "${wanted}"; allowed are stand-in (the default) and plugin.`);
  const found = installedPlugin(environment);
  if (found) return found;
  throw new UserError(
    `LOCAL_AZURE_NATIVE is "plugin", and the azure-native plugin ${sdkVersion} is not in "${pluginFolder(environment)}". ` +
      `Install it with "pulumi plugin install resource azure-native ${sdkVersion}", or unset the variable.`,
  );
}

/** The folder of the real plugin in the user's own Pulumi: that of the SDK's version, or the newest of its major version. */
export function installedPlugin(environment: NodeJS.ProcessEnv): string | undefined {
  const folder = pluginFolder(environment);
  const major = sdkVersion.split(".")[0];
  const versions = namesIn(folder)
    .flatMap((name) => /^resource-azure-native-v(\d+\.\d+\.\d+)$/.exec(name)?.[1] ?? [])
    .filter((version) => version.split(".")[0] === major)
    .sort((a, b) => b.localeCompare(a, undefined, { numeric: true }))
    .sort((a, b) => Number(b === sdkVersion) - Number(a === sdkVersion));
  return versions
    .map((version) => join(folder, `resource-azure-native-v${version}`))
    .find((candidate) => existsSync(join(candidate, executable)));
}

function pluginFolder(environment: NodeJS.ProcessEnv): string {
  return join(environment.PULUMI_HOME || join(environment.HOME || homedir(), ".pulumi"), "plugins");
}

function namesIn(folder: string): string[] {
  return existsSync(folder) ? readdirSync(folder) : [];
}
