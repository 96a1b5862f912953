import { spawn } from "node:child_process";
import { cp, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { UserError } from "../../lib/errors";
import { modulesFolder } from "./cache";
import { dynamicProviderName, hostName } from "./onPath";
import { builtVersion } from "./version";

/** @param done packages that are compiled, of `total`; fewer are where Go has some of them already */
export type BuildProgress = (done: number, total: number, detail: string) => void;

/** How often a build says that it goes on. */
const reportMs = 1_000;
const shownOutput = 15;

const targets = [
  {
    module: "cli",
    packages: 1650,
    output: "pulumi",
    package: "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi",
    flags: [
      "-tags",
      "osusergo,grpcnotrace",
      "-ldflags",
      `-w -s -X github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=v${builtVersion}`,
    ],
  },
  // The language host of this version is no module of its own; an older one speaks the same protocol.
  {
    module: "host",
    packages: 300,
    output: hostName,
    package: "github.com/pulumi/pulumi/sdk/v3/nodejs/cmd/pulumi-language-nodejs",
    flags: ["-ldflags", "-w -s"],
  },
] as const;
const allPackages = targets.reduce((sum, { packages }) => sum + packages, 0);

/** Builds the engine from Go modules into a folder. @throws UserError without Go, or when the build fails */
export async function buildEngine(
  folder: string,
  environment: NodeJS.ProcessEnv,
  onBuild: BuildProgress,
  signal?: AbortSignal,
): Promise<void> {
  await requireGo(environment);
  // Beside the engine it is taken for a part of it, which spares users a warning at each run.
  await cp(
    join(dirname(require.resolve("@pulumi/pulumi/package.json")), dynamicProviderName),
    join(folder, dynamicProviderName),
  );
  const work = await mkdtemp(join(tmpdir(), "engine-build-"));
  try {
    let before = 0;
    for (const target of targets) {
      const done = before;
      const source = join(work, target.module);
      await cp(join(modulesFolder, target.module), source, { recursive: true });
      await compile(
        target,
        source,
        join(folder, target.output),
        environment,
        (compiled, detail) => onBuild(done + Math.min(compiled, target.packages), allPackages, detail),
        signal,
      );
      before += target.packages;
    }
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

async function requireGo(environment: NodeJS.ProcessEnv): Promise<void> {
  const { code } = await execute("go", ["version"], undefined, environment, () => {});
  if (code === 0) return;
  throw new UserError(
    "There is no Pulumi engine on this machine, and no way to get one: install pulumi 3.248 or later " +
      "(https://www.pulumi.com/docs/install/), or Go 1.25.11 or later (https://go.dev/dl/) to build it. Then run the command again.",
  );
}

async function compile(
  { flags, package: name, output }: (typeof targets)[number],
  source: string,
  file: string,
  environment: NodeJS.ProcessEnv,
  onProgress: (compiled: number, detail: string) => void,
  signal?: AbortSignal,
): Promise<void> {
  const started = Date.now();
  let [downloaded, compiled] = [0, 0];
  const lines: string[] = [];
  const report = () =>
    onProgress(
      compiled,
      `${output}: ${Math.round((Date.now() - started) / 1000)} s, ${downloaded} modules downloaded (about three minutes at first)`,
    );
  report();
  const timer = setInterval(report, reportMs);
  try {
    // The toolchain's own flags of the user could change what is built.
    const { code } = await execute(
      "go",
      ["build", "-v", "-trimpath", ...flags, "-o", file, name],
      source,
      { ...environment, GOFLAGS: "-mod=mod", GOWORK: "off" },
      (line) => {
        lines.push(line);
        if (line.startsWith("go: downloading")) downloaded++;
        else if (/^[\w.-]+(\/|$)/.test(line)) compiled++;
      },
      signal,
    );
    signal?.throwIfAborted();
    if (code !== 0) {
      throw new UserError(
        `The engine (${output}) could not be built with Go:\n${lines.slice(-shownOutput).join("\n")}\nMend that, or install pulumi 3.248 or later, and run the command again.`,
      );
    }
  } finally {
    clearInterval(timer);
  }
}

function execute(
  command: string,
  args: readonly string[],
  cwd: string | undefined,
  environment: NodeJS.ProcessEnv,
  onLine: (line: string) => void,
  signal?: AbortSignal,
): Promise<{ code: number }> {
  return new Promise((resolve) => {
    const child = spawn(command, args, { cwd, env: environment, stdio: ["ignore", "pipe", "pipe"], signal });
    for (const stream of [child.stdout, child.stderr]) {
      let rest = "";
      stream.on("data", (chunk: Buffer) => {
        const parts = (rest + chunk.toString("utf8")).split("\n");
        rest = parts.pop() ?? "";
        parts.forEach(onLine);
      });
      stream.on("end", () => rest && onLine(rest));
    }
    child.on("error", () => resolve({ code: 127 }));
    child.on("close", (code) => resolve({ code: code ?? 1 }));
  });
}
