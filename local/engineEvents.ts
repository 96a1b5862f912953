import { readFile } from "node:fs/promises";
import { UserError } from "../lib/errors";
import { standingNodes, type StandingNodes } from "../lib/prices/standing";

interface StepEvent {
  metadata: { urn: string; type: string; op: string; new?: { inputs?: Record<string, unknown> } | null };
}

/** A line of the engine's event log, as far as it is read here. */
interface EngineEvent {
  /** Seconds since 1970. */
  timestamp: number;
  resourcePreEvent?: StepEvent;
  resOutputsEvent?: StepEvent;
  summaryEvent?: { resourceChanges?: Record<string, number> };
}

/** What an `up` did, by the engine's own events. */
export interface UpRecord {
  /** Numbers of resources by what was done with them; `same` are those that were left alone. */
  changes: Record<string, number>;
  /** Jobs that were trained, with the most that their time costs on Azure: all nodes that they may use, in USD. */
  trained: { name: string; atMost: number | undefined }[];
  /** Nodes that run whether or not there is anything to do. */
  standing: StandingNodes[];
}

const trainingType = /azureml:TrainingJob$/;

/** @throws UserError when the engine wrote no summary */
export async function readUp(eventLog: string): Promise<UpRecord> {
  const text = await readFile(eventLog, "utf8").catch(() => "");
  const events = text.split("\n").flatMap((line) => (line ? [JSON.parse(line) as EngineEvent] : []));
  const summary = events.findLast(({ summaryEvent }) => summaryEvent)?.summaryEvent;
  if (!summary) throw new UserError(`The engine wrote no summary to ${eventLog}. Run the command again.`);
  const begun = new Map<string, number>();
  const record: UpRecord = { changes: summary.resourceChanges ?? {}, trained: [], standing: [] };
  for (const { timestamp, resourcePreEvent, resOutputsEvent } of events) {
    if (resourcePreEvent) begun.set(resourcePreEvent.metadata.urn, timestamp);
    if (!resOutputsEvent) continue;
    const { urn, type, op, new: state } = resOutputsEvent.metadata;
    const name = urn.split("::").at(-1) ?? urn;
    record.standing.push(...standingNodes(type, name, state?.inputs ?? {}));
    if (!trainingType.test(type) || !/^create/.test(op)) continue;
    const { cost } = (state?.inputs ?? {}) as { cost?: { perNodeHour: number; nodes: number } };
    const hours = (timestamp - (begun.get(urn) ?? timestamp)) / 3600;
    record.trained.push({ name, atMost: cost && cost.perNodeHour * cost.nodes * hours });
  }
  return record;
}
