import { tableDate, tablePrice } from "../../lib/prices/table";
import { worstCaseTraining, type JobBounds } from "../../lib/prices/training";
import { valuesOf, type Values } from "../../lib/values";
import { rule, type Violation } from "../rule";
import { types } from "../types";

const inFile = "Set limits.timeout_minutes in the job's file.";

export const trainingTimeout = rule<{ maxMinutes: number }>({
  name: "finite-training",
  description: "Every training job ends by a time limit of its own.",
  level: "mandatory",
  severity: "medium",
  types: [types.trainingJob],
  settings: {
    maxMinutes: { type: "number", exclusiveMinimum: 0, description: "Longest time limit of a job.", default: 1440 },
  },
  check({ props }, { maxMinutes }): Violation[] {
    const value = valuesOf(props.bounds).timeoutMinutes;
    if (typeof value === "number" && value <= maxMinutes) return [];
    const allowed = `a number of minutes up to ${maxMinutes}`;
    return [{ property: "bounds.timeoutMinutes", value, allowed, next: inFile }];
  },
});

export const trainingCost = rule<{ maxUsd: number; perHour: Record<string, number> }>({
  name: "training-cost",
  description: "What a training job can cost at worst stays under a ceiling.",
  level: "mandatory",
  severity: "medium",
  types: [types.trainingJob],
  settings: {
    maxUsd: { type: "number", minimum: 0, description: "USD that a job can cost at most.", default: 500 },
    perHour: {
      type: "object",
      additionalProperties: { type: "number", exclusiveMinimum: 0 },
      description: `USD of a node and hour by size, in place of compute.pricePerHour and of the list prices of ${tableDate}.`,
      default: {},
    },
  },
  check({ props }, { maxUsd, perHour }): Violation[] {
    const bounds = props.bounds as JobBounds | undefined;
    if (!bounds) return [];
    const { vmSize, trials, concurrentTrials, timeoutMinutes } = bounds;
    const price = priceOf(vmSize, perHour, valuesOf(props.cost));
    if (price === undefined) {
      const next = `Its price is not known: set compute.pricePerHour, or "perHour" of this policy.`;
      return [{ property: "bounds.vmSize", value: vmSize, allowed: "a size of known price", next }];
    }
    const { usd, nodes, hours } = worstCaseTraining(bounds, price);
    if (usd <= maxUsd) return [];
    const limits = `trials ${trials}, at a time ${concurrentTrials}, minutes ${timeoutMinutes ?? "not set"}`;
    return [
      {
        property: "worst case in USD",
        value: Number(usd.toFixed(2)),
        allowed: `at most ${maxUsd}`,
        next: `It is ${nodes} nodes x ${Number(hours.toFixed(2))} h x ${price} USD of ${vmSize} (${limits}). Lower limits in the job's file or compute.maxNodes, or raise "maxUsd" of this policy.`,
      },
    ];
  },
});

function priceOf(vmSize: string, perHour: Readonly<Record<string, number>>, { perNodeHour }: Values) {
  const own = Object.entries(perHour).find(([size]) => size.toLowerCase() === vmSize.toLowerCase())?.[1];
  return own ?? (typeof perNodeHour === "number" ? perNodeHour : tablePrice(vmSize));
}
