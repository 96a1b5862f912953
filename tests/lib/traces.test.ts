import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

/** The program as the engine's host runs it: ts-node with the project's settings, and a handler that shows what is thrown. */
function run(program: string): string {
  const folder = mkdtempSync(join(tmpdir(), "traces-"));
  try {
    const file = join(folder, "program.ts");
    writeFileSync(file, program);
    const host = `
      require("ts-node").register({ project: ${JSON.stringify(resolve("tsconfig.pulumi.json"))} });
      for (const event of ["uncaughtException", "unhandledRejection"])
        process.on(event, (error) => { console.log(error.stack); process.exit(0); });
      (async () => require(${JSON.stringify(file)}))();`;
    const { stdout, stderr } = spawnSync(process.execPath, ["-e", host], { encoding: "utf8", timeout: 30_000 });
    expect(stderr).toBe("");
    return stdout;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const traces = `import ${JSON.stringify(resolve("lib/traces"))};\n`;
const types = `interface Unused {\n${"  a: string;\n".repeat(20)}}\n`;

describe("traces", () => {
  test("name the line of the TypeScript for an error that nobody catches, also in a promise", () => {
    expect(run(`${traces}${types}const one: Unused | null = null;\none!.a;\n`)).toContain("program.ts:25:");
    const late = `${traces}${types}async function late(): Promise<void> {\n  await null;\n  throw new Error("late");\n}\nvoid late();\n`;
    expect(run(late)).toContain("program.ts:26:9");
  }, 60_000);

  test("are not looked up when they are read for a record alone", () => {
    const shown = run(`${traces}${types}console.log(new Error("kept").stack);\nthrow new Error("shown");\n`);
    expect(shown).toContain("program.ts:25:7");
    expect(shown).not.toContain("program.ts:24:");
  }, 60_000);
});
