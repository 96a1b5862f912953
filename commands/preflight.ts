import { join, resolve } from "node:path";
import { parseJobFiles } from "../lib/automl";
import { ArmClient } from "../lib/azure/arm";
import { UserError } from "../lib/errors";
import { didYouMean } from "../lib/nearestName";
import { checks, preflight } from "../lib/preflight";
import { AzureReader } from "../lib/preflight/azureReader";
import type { CheckedFinding, Severity } from "../lib/preflight/finding";
import { planOf, type Plan } from "../lib/preflight/plan";
import { readSettings } from "../lib/preflight/settings";
import { showFailure } from "../lib/terminal";
import { parseCommandLine } from "./options";
import { declaredBy } from "./preflight/declared";
import { inCloudOf } from "./pulumi";

const root = join(__dirname, "..");
const names = Object.keys(checks);

const help = `Says what would fail on Azure today, before an "up": reads only, with the identity that is signed in.

  npm run preflight -- --stack S

--stack S            the stack; "local" is checked on the local cloud
--config-file FILE   its settings, where they are not in Pulumi.S.yaml
--skip CHECK,...     leaves checks out: ${names.join(", ")}
--json               prints the findings as one JSON document

Exit status: 0 when there is no error (warnings and notes alone are none), 1 with errors, 2 when it could not be run.`;

const options = {
  stack: { type: "string" },
  "config-file": { type: "string" },
  skip: { type: "string", default: "" },
  json: { type: "boolean", default: false },
  help: { type: "boolean", default: false },
} as const;

async function main(): Promise<void> {
  const { stack, skip, json, help: wantsHelp, "config-file": configFile } = parseCommandLine({ options }).values;
  if (wantsHelp) return console.log(help);
  if (!stack) throw new UserError(`--stack is not given; name the stack.\n\n${help}`);
  const skipped = new Set(skip.split(",").filter(Boolean));
  for (const name of skipped)
    if (!names.includes(name)) throw new UserError(`--skip: "${name}" is no check; ${didYouMean(name, names)}`);
  await inCloudOf(stack, () => check(stack, configFile, skipped, json));
}

async function check(
  stack: string,
  configFile: string | undefined,
  skipped: ReadonlySet<string>,
  json: boolean,
): Promise<void> {
  const { arm, plan } = await open(stack, resolve(root, configFile ?? `Pulumi.${stack.split("/").at(-1)}.yaml`));
  const findings = await preflight(plan, new AzureReader(arm, plan.subscriptionId, plan.location), skipped);
  console.log(json ? JSON.stringify(document(plan, findings), null, 2) : text(plan, findings));
  process.exitCode = findings.some(({ severity }) => severity === "error") ? 1 : 0;
}

async function open(stack: string, file: string): Promise<{ arm: ArmClient; plan: Plan }> {
  const settings = readSettings(root, file);
  process.chdir(root);
  const { model, training } = settings.config;
  const jobs = model.source === "train" ? parseJobFiles(training.jobs) : [];
  const arm = await ArmClient.connect();
  const { ARM_SUBSCRIPTION_ID, AZURE_SUBSCRIPTION_ID } = process.env;
  const subscriptionId =
    settings.subscriptionId ?? ARM_SUBSCRIPTION_ID ?? AZURE_SUBSCRIPTION_ID ?? (await firstSubscription(arm));
  const { project, values } = settings;
  const program = { project, stack: stack.split("/").at(-1) ?? stack, subscriptionId };
  const declared = () => declaredBy({ ...program, values });
  const plan = planOf(settings.config, jobs, { ...program, declared });
  return { arm, plan };
}

async function firstSubscription(arm: ArmClient): Promise<string> {
  for await (const entry of arm.list("/subscriptions", "2022-12-01"))
    return (entry as unknown as { subscriptionId: string }).subscriptionId;
  throw new UserError(
    "The identity sees no subscription. Sign in with az login, or set ARM_SUBSCRIPTION_ID or azure-native:subscriptionId.",
  );
}

function document({ stack, subscriptionId, location }: Plan, findings: readonly CheckedFinding[]) {
  return { stack, subscriptionId, location, findings };
}

function text({ stack, subscriptionId, location }: Plan, findings: readonly CheckedFinding[]): string {
  const count = (wanted: Severity) => {
    const number = findings.filter(({ severity }) => severity === wanted).length;
    return number === 0 ? [] : [`${number} ${wanted}${number === 1 ? "" : "s"}`];
  };
  const sum = (["error", "warning", "note"] as const).flatMap(count).join(", ") || "nothing found";
  const lines = findings.flatMap(({ severity, check, what, evidence, next }) => [
    "",
    `${severity.padEnd(8)} ${what} [${check}]`,
    `         evidence: ${evidence}`,
    `         next: ${next}`,
  ]);
  return [`Preflight of ${stack}: ${sum} (subscription ${subscriptionId}, ${location})`, ...lines].join("\n");
}

main().catch((error: unknown) => {
  showFailure(error);
  process.exitCode = 2;
});
