import { isRefusedPath, UserError } from "../lib/errors";
import { showFailure } from "../lib/terminal";
import { startCloud, stopCloud, runningCloud } from "./emulator/control";
import { interruptible } from "./interruption";
import { stateFolders } from "./state";

const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
const usage =
  "up-all, pulumi ARGS, start [--admin], labeling [--off], stop, reset, status, env, exec COMMAND ARGS, identity ARGS";

/** Parts that only some commands need. Node's own import() finds no TypeScript. */
/* eslint-disable @typescript-eslint/no-require-imports */
const load = {
  upAll: () => require("./upAll") as typeof import("./upAll"),
  runPulumi: () => require("./runPulumi") as typeof import("./runPulumi"),
  labelingCommand: () => require("./labeling/command") as typeof import("./labeling/command"),
  labeling: () => require("./labeling/control") as typeof import("./labeling/control"),
  reset: () => require("./reset") as typeof import("./reset"),
  exports: () => require("./exports") as typeof import("./exports"),
  exec: () => require("./exec") as typeof import("./exec"),
  identities: () => require("./identities") as typeof import("./identities"),
};
/* eslint-enable @typescript-eslint/no-require-imports */

/** The local commands. */
async function main([command, ...args]: string[]): Promise<number> {
  if (major < 20 || (major === 20 && minor < 19)) {
    throw new UserError(
      `Node.js is ${process.versions.node}; at least 20.19 is needed. Install a newer one from https://nodejs.org.`,
    );
  }
  const folders = stateFolders();
  switch (command) {
    case "up-all": {
      const { upAll } = load.upAll();
      return interruptible(folders, (signal) => upAll(folders, signal));
    }
    case "pulumi": {
      const { runPulumi } = load.runPulumi();
      return interruptible(folders, (signal) => runPulumi(folders, args, signal));
    }
    case "start": {
      if (args.includes("--admin")) process.env.LOCAL_ADMIN = "1";
      const { url, admin } = await startCloud(folders.root);
      console.log(`Local Azure answers at ${url}${admin ? ", time and faults at /local/" : ""}`);
      return 0;
    }
    case "labeling": {
      const { labelingCommand } = load.labelingCommand();
      return interruptible(folders, (signal) => labelingCommand(folders, args, signal));
    }
    case "stop": {
      const { stopLabeling } = load.labeling();
      if (await stopLabeling(folders.root)) console.log("Label Studio is stopped; what was labeled is kept");
      console.log(
        (await stopCloud(folders.root)) ? "Local Azure is stopped; its state is kept" : "Local Azure was not running",
      );
      return 0;
    }
    case "reset":
      await load.reset().reset(folders);
      console.log(`All local state in ${folders.root} is removed`);
      return 0;
    case "status": {
      const record = await runningCloud(folders.root);
      console.log(
        record
          ? `Local Azure answers at ${record.url} (process ${record.pid}, since ${record.startedAt})`
          : "Local Azure is not running",
      );
      const labeling = await load.labeling().labelingStatus(folders.root);
      if (labeling) console.log(labeling);
      return record ? 0 : 3;
    }
    case "env": {
      const { clientEnvironment, exportLines } = load.exports();
      console.log(exportLines(await clientEnvironment(await startCloud(folders.root))));
      return 0;
    }
    case "exec": {
      const { execInCloud } = load.exec();
      return interruptible(folders, (signal) => execInCloud(folders, args, signal));
    }
    case "identity": {
      const { identityCommand } = load.identities();
      console.log(await identityCommand(await startCloud(folders.root), folders.cloud, args));
      return 0;
    }
    default:
      throw new UserError(`"${command ?? ""}" is no local command; allowed are ${usage}.`);
  }
}

/** What the system refuses in the folder of the local state, with what chooses another. */
function explained(error: unknown): unknown {
  if (!isRefusedPath(error)) return error;
  const { root } = stateFolders();
  if (!error.path.startsWith(root)) return error;
  return new UserError(`${error.message}. Local state is in ${root}; LOCAL_STATE_DIR chooses another folder.`);
}

main(process.argv.slice(2)).then(
  // What an interruption has cut off may still hold timers.
  (status) => process.exit(status),
  (error: unknown) => {
    showFailure(explained(error));
    process.exit(1);
  },
);
