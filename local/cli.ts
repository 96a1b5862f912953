import { rm } from "node:fs/promises";
import { UserError } from "../lib/errors";
import { stateFolders } from "./state";

const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
const usage = "up-all, pulumi ARGS, start, stop, reset, status, env";

/** The local commands; heavy parts are loaded by the commands that need them. */
async function main([command, ...args]: string[]): Promise<number> {
  if (major < 20 || (major === 20 && minor < 19)) {
    throw new UserError(
      `Node.js is ${process.versions.node}; at least 20.19 is needed. Install a newer one from https://nodejs.org.`,
    );
  }
  const folders = stateFolders();
  const { startCloud, stopCloud, runningCloud } = await import("./emulator/control");
  switch (command) {
    case "up-all":
      return (await import("./upAll")).upAll(folders);
    case "pulumi": {
      const { ensureEngine } = await import("./engine");
      const { LocalStack } = await import("./stack");
      const { step } = await import("./terminal");
      const engine = await ensureEngine({ onProgress: (line) => console.error(line) });
      const { ensureSample } = await import("./sample");
      await ensureSample(folders.sample, (done, total) => done === total && step("sample images made"));
      const stack = await LocalStack.open(engine, await startCloud(folders.root), folders);
      return stack.run(args);
    }
    case "start": {
      const { url } = await startCloud(folders.root);
      console.log(`Local Azure answers at ${url}`);
      return 0;
    }
    case "stop":
      console.log(
        (await stopCloud(folders.root)) ? "Local Azure is stopped; its state is kept" : "Local Azure was not running",
      );
      return 0;
    case "reset":
      await stopCloud(folders.root);
      for (const folder of [folders.cloud, folders.pulumi, folders.pictures, folders.sample])
        await rm(folder, { recursive: true, force: true });
      console.log(`All local state in ${folders.root} is removed`);
      return 0;
    case "status": {
      const record = await runningCloud(folders.root);
      console.log(
        record
          ? `Local Azure answers at ${record.url} (process ${record.pid}, since ${record.startedAt})`
          : "Local Azure is not running",
      );
      return record ? 0 : 3;
    }
    case "env": {
      const { exportLines } = await import("./exports");
      console.log(await exportLines(await startCloud(folders.root)));
      return 0;
    }
    default:
      throw new UserError(`"${command ?? ""}" is no local command; allowed are ${usage}.`);
  }
}

main(process.argv.slice(2)).then(
  (status) => {
    process.exitCode = status;
  },
  (error: unknown) => {
    console.error(error instanceof UserError ? `error: ${error.message}` : error);
    process.exitCode = 1;
  },
);
