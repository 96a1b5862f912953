import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startCloud, stopCloud } from "../../local/emulator/control";
import { withoutAzure } from "../../local/environment";
import { clientEnvironment } from "../../local/exports";
import { ensureSample } from "../../local/sample";
import { stateFolders } from "../../local/state";
import { suites, type Outcome } from "./suites";

/**
 * `npm run test:clients [-- NAME...]`: clients of others, unmodified, against a local cloud that begins empty. They find it by
 * what `npm run -s local:env` prints, and nothing else. The suites build on one another, in their order.
 */
async function main(chosen: readonly string[]): Promise<boolean> {
  const folders = stateFolders();
  await ensureSample(folders.sample);
  const state = await mkdtemp(join(tmpdir(), "clients-"));
  const outcomes: (Outcome & { name: string })[] = [];
  try {
    for (const { name, run } of suites) {
      if (chosen.length > 0 && !chosen.includes(name)) continue;
      console.log(`\n== ${name}`);
      const started = Date.now();
      // Asked anew, as a user would: what an earlier suite has made is in it.
      const variables = await clientEnvironment(await startCloud(state));
      const environment = { ...withoutAzure(process.env), ...variables, LOCAL_STATE_DIR: state };
      const outcome = await run({ environment, packagesFolder: join(folders.root, "clients"), stateFolder: state });
      outcomes.push({ name, ...outcome });
      console.log(`${describe(outcome)}, ${Math.round((Date.now() - started) / 1000)} s`);
    }
  } finally {
    await stopCloud(state);
    await rm(state, { recursive: true, force: true });
  }
  const [passed, failed] = [sum(outcomes, "passed"), sum(outcomes, "failed")];
  console.log("");
  for (const { name, leftOut } of outcomes) if (leftOut) console.log(`left out: ${name}: ${leftOut}`);
  console.log(`${passed} passed, ${failed} failed`);
  return failed === 0 && outcomes.length > 0;
}

function sum(outcomes: readonly Outcome[], key: "passed" | "failed"): number {
  return outcomes.reduce((total, outcome) => total + outcome[key], 0);
}

function describe({ passed, failed, leftOut }: Outcome): string {
  return leftOut ? `left out: ${leftOut}` : `${passed} passed, ${failed} failed`;
}

main(process.argv.slice(2)).then(
  (good) => process.exit(good ? 0 : 1),
  (error: unknown) => {
    console.error(error);
    console.log("0 passed, 1 failed");
    process.exit(1);
  },
);
