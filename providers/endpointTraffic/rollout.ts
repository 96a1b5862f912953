import { isDeepStrictEqual } from "node:util";
import { setTimeout as sleep } from "node:timers/promises";
import { apiVersions, type ArmClient } from "../../lib/azure/arm";
import { getEndpoint, sharesOf, type Endpoint } from "../../lib/azure/endpoints";
import { brokenRules, describeFigures, type ProbeFigures, type ProbeRules } from "../../lib/serving/probes";
import { barText } from "../../lib/terminal";
import { Prober, type ProbeData } from "./prober";
import { servingWithout, setTraffic, stepTraffic, type Shares } from "./traffic";

export interface RolloutRules extends ProbeRules {
  /** Shares of the traffic that a new deployment has one after the other; rising, the last one 100. */
  steps: readonly number[];
  /** How long each share is watched. */
  bakeSeconds: number;
}

/** What a probe of a new deployment said, before it had traffic (share 0) and at each step. */
export interface StepRecord extends ProbeFigures {
  share: number;
}

export interface RolloutResult {
  endpoint: Endpoint;
  steps: StepRecord[];
  /** Why the traffic went back to what served before; undefined when all of it is with the new deployment. */
  failure?: string;
}

/** While a step is watched, a round of probes begins that often. */
const roundsPerBake = 4;

/**
 * Moves the traffic of an endpoint to a deployment, step by step. It begins where the endpoint is, so that after an
 * interruption the next call goes on with the step that it finds. What fails a probe loses its traffic to what served.
 */
export async function rollOut(
  arm: ArmClient,
  endpointId: string,
  deployment: string,
  rules: RolloutRules,
  data: ProbeData | undefined,
): Promise<RolloutResult> {
  const endpoint = await getEndpoint(arm, endpointId);
  const traffic = sharesOf(endpoint.properties.traffic);
  const done = { [deployment]: 100 };
  if (isDeepStrictEqual(traffic, done)) return { endpoint, steps: [] };

  const serving = servingWithout(await ofThoseThatServe(arm, endpointId, traffic), deployment);
  const [reference] = Object.entries(serving).sort(([, a], [, b]) => b - a)[0] ?? [];
  const prober = data && (await Prober.open(arm, endpoint, data, deployment, reference));
  const records: StepRecord[] = [];
  const probe = async (share: number): Promise<string | undefined> => {
    if (!prober) return undefined;
    const { figures, problems } = await prober.round(share > 0);
    records.push({ share, ...figures });
    console.log(`Deployment ${deployment} at ${barText(share, 100)}${share} %: ${describeFigures(figures)}`);
    const broken = brokenRules(figures, rules, problems);
    return broken.length === 0 ? undefined : `at ${share} %: ${broken.join("; ")}`;
  };
  const goBack = async (failure: string): Promise<RolloutResult> => ({
    endpoint: await setTraffic(arm, endpointId, serving),
    steps: records,
    failure,
  });

  const smoke = await probe(0);
  if (smoke) return goBack(smoke);
  // With nothing to compare with, a part of the traffic says no more than all of it.
  const steps = reference === undefined ? [100] : rules.steps.filter((share) => share >= (traffic[deployment] ?? 0));
  for (const share of steps) {
    await setTraffic(arm, endpointId, stepTraffic(serving, deployment, share));
    const failure = reference === undefined ? undefined : await watch(rules.bakeSeconds, () => probe(share));
    if (failure) return goBack(failure);
  }
  return { endpoint: await setTraffic(arm, endpointId, done), steps: records };
}

/** The shares of deployments that are there and Succeeded: others may not be given traffic. */
async function ofThoseThatServe(arm: ArmClient, endpointId: string, traffic: Shares): Promise<Shares> {
  const serving: Shares = {};
  const deployments = arm.list<{ provisioningState: string }>(`${endpointId}/deployments`, apiVersions.machineLearning);
  for await (const { name, properties } of deployments) {
    const share = traffic[name];
    if (share !== undefined && properties.provisioningState === "Succeeded") serving[name] = share;
  }
  return serving;
}

/** Probes until the time is over or one fails. At least one round, however short the time. */
async function watch(bakeSeconds: number, probe: () => Promise<string | undefined>): Promise<string | undefined> {
  const end = performance.now() + bakeSeconds * 1000;
  for (;;) {
    const failure = await probe();
    const left = end - performance.now();
    if (failure || left <= 0) return failure;
    await sleep(Math.min(left, (bakeSeconds * 1000) / roundsPerBake));
  }
}
