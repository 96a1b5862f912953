import { join } from "node:path";
import { typescriptOptions } from "../../lib/typescript";
import { examplesOf } from "./examples";
import { pythonFolder } from "./python";
import { run } from "./run";

export interface Outcome {
  passed: number;
  failed: number;
  /** Why none of it was run. */
  leftOut?: string;
}

export interface Place {
  environment: NodeJS.ProcessEnv;
  /** Where packages of other languages are kept between runs. */
  packagesFolder: string;
  /** Of the local cloud. */
  stateFolder: string;
}

interface Suite {
  name: string;
  run: (place: Place) => Promise<Outcome>;
}

const projectFolder = join(__dirname, "..", "..");

/** In their order: the first one fills the cloud that the others ask. */
export const suites: readonly Suite[] = [
  {
    name: "azure-sdk-for-python",
    run: (place) => pytest(place, "sdk", ["management", "blobs", "identity", "machine_learning"]),
  },
  { name: "mlflow", run: (place) => pytest(place, "tracking", ["tracking"]) },
  { name: "azure-sdk-for-js", run: nodeTests },
  { name: "azure-sdk-for-go", run: goTests },
  { name: "docs", run: docs },
];

async function pytest(
  { environment, packagesFolder }: Place,
  folder: string,
  files: readonly string[],
): Promise<Outcome> {
  const tests = join(__dirname, folder);
  const python = await pythonFolder(packagesFolder, folder, join(tests, "requirements.txt"));
  if ("leftOut" in python) return { passed: 0, failed: 0, leftOut: python.leftOut };
  const { status, output } = await run(
    python.command,
    [
      "-B",
      "-m",
      "pytest",
      "-q",
      "-W",
      "ignore",
      "-p",
      "no:cacheprovider",
      "--tb=short",
      "--show-capture=no",
      ...files.map((file) => `test_${file}.py`),
    ],
    tests,
    environment,
  );
  const [summary = ""] = output.trim().split("\n").slice(-1);
  const errors = number(summary, / error/);
  return judged({ passed: number(summary, / passed/), failed: number(summary, / failed/) + errors }, status);
}

async function nodeTests({ environment }: Place): Promise<Outcome> {
  const tests = join(__dirname, "node", "machineLearning.ts");
  const args = [...typescriptOptions, "--test", "--test-reporter=tap", tests];
  const { status, output } = await run(process.execPath, args, projectFolder, environment);
  const count = (word: string) => Number(new RegExp(`^# ${word} (\\d+)$`, "m").exec(output)?.[1] ?? 0);
  return judged({ passed: count("pass"), failed: count("fail") }, status);
}

async function goTests({ environment }: Place): Promise<Outcome> {
  const version = await run("go", ["version"], __dirname, environment).catch(() => undefined);
  if (version?.status !== 0) return { passed: 0, failed: 0, leftOut: "there is no go on PATH" };
  const args = ["test", "-count=1", "-v", "-mod=readonly", "./..."];
  const { status, output } = await run("go", args, join(__dirname, "go"), environment);
  const count = (word: string) => output.match(new RegExp(`^--- ${word}: `, "gm"))?.length ?? 0;
  return judged({ passed: count("PASS"), failed: count("FAIL") }, status);
}

/** The examples of docs/local.md, as they stand there. */
async function docs({ environment, packagesFolder }: Place): Promise<Outcome> {
  const outcome = { passed: 0, failed: 0 };
  for (const { title, language, text } of await examplesOf(join(projectFolder, "docs", "local.md"))) {
    const folder = title.startsWith("mlflow") ? "tracking" : "sdk";
    const python = await pythonFolder(packagesFolder, folder, join(__dirname, folder, "requirements.txt"));
    if (language === "python" && "leftOut" in python) continue;
    const command = language === "python" && "command" in python ? python.command : "bash";
    const flag = language === "python" ? ["-B", "-c"] : ["-euo", "pipefail", "-c"];
    const { status } = await run(command, [...flag, text], projectFolder, environment);
    console.log(`${status === 0 ? "ok" : "FAILED"}: ${title}`);
    outcome[status === 0 ? "passed" : "failed"] += 1;
  }
  return outcome;
}

/** A run that ended badly without naming a failed test has failed itself. */
function judged(outcome: Outcome, status: number): Outcome {
  return status !== 0 && outcome.failed === 0 ? { ...outcome, failed: 1 } : outcome;
}

function number(text: string, unit: RegExp): number {
  return Number(new RegExp(`(\\d+)${unit.source}`).exec(text)?.[1] ?? 0);
}
