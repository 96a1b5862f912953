import * as pulumi from "@pulumi/pulumi";
import { standingNodes, type StandingNodes } from "../lib/prices/standing";
import { summaryByCommand, upSummary, type PlatformFacts } from "../lib/summary";
import type { PriceList } from "../lib/prices/list";
import type { ImageTrainingJob } from "./imageTrainingJob";

/** Notes the nodes that always run of each resource that is declared from now on. */
export function noteStanding(): pulumi.Output<StandingNodes[]>[] {
  const noted: pulumi.Output<StandingNodes[]>[] = [];
  pulumi.runtime.registerStackTransformation(({ type, name, props }) => {
    if (mayStand.test(type)) noted.push(pulumi.output(props).apply((inputs) => standingNodes(type, name, inputs)));
    return undefined;
  });
  return noted;
}

const mayStand =
  /^azure-native:(app|containerservice|dbforpostgresql|machinelearningservices):|azureml:OnlineDeployment$/;

export interface UpSummaryArgs {
  platform: pulumi.Output<PlatformFacts>;
  jobs: readonly ImageTrainingJob[];
  standing: readonly pulumi.Output<StandingNodes[]>[];
  prices: PriceList;
}

/** Tells at the end of an `up` what became of it, unless the command that runs it does. */
export function tellSummary({ platform, jobs, standing, prices }: UpSummaryArgs): void {
  if (pulumi.runtime.isDryRun() || process.env[summaryByCommand]) return;
  const begun = Date.now() - process.uptime() * 1000;
  const option = `--stack ${pulumi.getStack()}`;
  const calls = { up: `pulumi up ${option}`, stack: option, local: false };
  pulumi
    .all([platform, pulumi.all(jobs.map((job) => job.trainingSince(begun))), pulumi.all([...standing])])
    .apply(async ([known, trainings, nodes]) => {
      const text = await upSummary(
        { platform: known, trainings, standing: nodes.flat(), prices, calls },
        process.stdout,
      );
      await pulumi.log.info(`What this up did:\n${text}`);
    });
}
