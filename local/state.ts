import { join, resolve } from "node:path";
import { UserError } from "../lib/errors";

/** The checkout. */
export const projectFolder = resolve(__dirname, "..");

/** Where everything that the local cloud keeps lies; LOCAL_STATE_DIR chooses another place than `.local` in the checkout. */
export interface StateFolders {
  root: string;
  sample: string;
  cloud: string;
  pulumi: string;
  pictures: string;
}

export function stateFolders(environment: NodeJS.ProcessEnv = process.env): StateFolders {
  // npm runs scripts in the checkout, and tells where the user was.
  const root = resolve(environment.INIT_CWD || ".", environment.LOCAL_STATE_DIR || join(projectFolder, ".local"));
  if (/[#?%]/.test(root)) {
    throw new UserError(
      `LOCAL_STATE_DIR is "${root}"; the engine's file backend takes no path with "#", "?" or "%". Choose another folder.`,
    );
  }
  return {
    root,
    // The program's local configuration names it, so it does not move with the rest.
    sample: join(projectFolder, ".local", "sample"),
    cloud: join(root, "cloud"),
    pulumi: join(root, "pulumi"),
    pictures: join(root, "pictures"),
  };
}
