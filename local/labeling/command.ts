import { UserError } from "../../lib/errors";
import { step } from "../../lib/terminal";
import { startCloud } from "../emulator/control";
import type { StateFolders } from "../state";
import { startLabeling, switchOff } from "./control";

/** `labeling`: Label Studio for the local stack; `labeling --off`: back to the labeling project of the local cloud. */
export async function labelingCommand(
  { root }: StateFolders,
  args: readonly string[],
  signal: AbortSignal,
): Promise<number> {
  const unknown = args.find((argument) => argument !== "--off");
  if (unknown !== undefined) throw new UserError(`"${unknown}" is no option of local:labeling; allowed is --off.`);
  if (args.includes("--off")) {
    const was = await switchOff(root);
    step(
      was
        ? "the local stack labels in Label Studio no more, from the next up on; what was labeled is kept"
        : "the local stack did not label in Label Studio",
    );
    return 0;
  }
  const cloud = await startCloud(root, signal);
  const { url, user, labelersLink, credentialsFile } = await startLabeling(root, cloud, step, signal);
  const lines = [
    ["Label Studio", url],
    ["User", `${user}, password in ${credentialsFile}`],
    ["Labelers", labelersLink],
    ["Next", 'run "npm run up:local": it makes the labeling project there'],
  ];
  console.log(["", ...lines.map(([name = "", value]) => `${name.padEnd(13)} ${value}`)].join("\n"));
  return 0;
}
