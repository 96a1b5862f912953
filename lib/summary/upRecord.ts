import { typeAndName } from "../preview/digest";
import { standingNodes, type StandingNodes } from "../prices/standing";
import type { Values } from "../values";
import { trainingOf, type Training } from "./training";

interface StepEvent {
  metadata: { urn: string; op: string; new?: { inputs?: Values; outputs?: Values } | null };
}

/** A line of the engine's event log, as far as it is read here. */
interface EngineEvent {
  /** Seconds since 1970. */
  timestamp: number;
  preludeEvent?: { config?: Record<string, string> };
  resOutputsEvent?: StepEvent;
  resOpFailedEvent?: StepEvent;
  summaryEvent?: { durationSeconds?: number; resourceChanges?: Record<string, number> };
}

/** What an `up` did, by the engine's own events. */
export interface UpRecord {
  /** Numbers of resources by what was done with them; `same` are those that were left alone. */
  changes: Record<string, number>;
  /** Resources with which something went wrong. */
  failed: number;
  /** The jobs of the stack, whether or not this `up` trained them. */
  trainings: Training[];
  /** Nodes that run whether or not there is anything to do. */
  standing: StandingNodes[];
  /** Settings of the stack by their keys, with the namespace. */
  config: Record<string, string>;
  seconds: number;
}

/** @param log the event log of the engine; one that ends early, since the engine was killed, is read as far as it goes */
export function readUp(log: string): UpRecord {
  const events = log.split("\n").flatMap(eventOf);
  const begun = (events[0]?.timestamp ?? 0) * 1000;
  const trainings = new Map<string, Training>();
  const standing = new Map<string, StandingNodes>();
  const record: Omit<UpRecord, "trainings" | "standing"> = { changes: {}, failed: 0, config: {}, seconds: 0 };
  // Of an engine that was killed there is no summary, so what it did is counted until there is one.
  let isWhole = false;
  for (const { preludeEvent, resOutputsEvent, resOpFailedEvent, summaryEvent } of events) {
    record.config = { ...record.config, ...preludeEvent?.config };
    isWhole ||= summaryEvent !== undefined;
    if (summaryEvent) record.changes = summaryEvent.resourceChanges ?? {};
    record.seconds = summaryEvent?.durationSeconds ?? record.seconds;
    if (resOpFailedEvent) record.failed++;
    const step = (resOutputsEvent ?? resOpFailedEvent)?.metadata;
    if (!isWhole && resOutputsEvent && !isOfStack(resOutputsEvent)) count(record.changes, resOutputsEvent.metadata.op);
    if (!step?.new) continue;
    const { type, name } = typeAndName(step.urn);
    for (const nodes of standingNodes(type, name, step.new.inputs ?? {})) standing.set(nodes.what, nodes);
    if (type.endsWith("azureml:TrainingJob"))
      trainings.set(step.urn, trainingOf({ ...step.new.inputs, ...step.new.outputs }, begun));
  }
  return { ...record, trainings: [...trainings.values()], standing: [...standing.values()] };
}

/** Which the engine's own summary leaves out of what it did. */
function isOfStack({ metadata }: StepEvent): boolean {
  return typeAndName(metadata.urn).type === "pulumi:pulumi:Stack";
}

function count(changes: Record<string, number>, operation: string): void {
  changes[operation] = (changes[operation] ?? 0) + 1;
}

function eventOf(line: string): EngineEvent[] {
  try {
    return [JSON.parse(line) as EngineEvent];
  } catch {
    return [];
  }
}
