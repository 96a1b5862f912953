import { messageOf } from "../lib/errors";
import type { dynamic } from "@pulumi/pulumi";
import { isDeepStrictEqual } from "node:util";

/** What the engine passes in place of a value that is not known yet, in `check` and `diff` of a preview. */
export const unknownValue = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

/** Whether a value holds, at any depth, something that is not known yet. */
export function containsUnknown(value: unknown): boolean {
  return JSON.stringify(value ?? null).includes(unknownValue);
}

/**
 * A failure after the cloud object exists: its id and state are saved, and the next `up` calls `update`, which goes on
 * from there, in place of a second `create`.
 */
export class PartialFailure extends Error {
  override readonly name = "PartialFailure";
  constructor(
    readonly id: string,
    readonly outputs: object,
    message: string,
  ) {
    super(message);
  }
}

/** A dynamic resource's behaviour over plain values. `Outputs` contain the inputs, as the engine's state wants them. */
export interface Lifecycle<Inputs extends object, Outputs extends Inputs> {
  /**
   * Validates and completes the inputs; runs in preview too, where inputs may hold `unknownValue`.
   * @param before the inputs of the last time; undefined when the state has no such object yet
   */
  check?(inputs: Inputs, before: Inputs | undefined): Promise<{ inputs: Inputs; failures?: dynamic.CheckFailure[] }>;
  /** Inputs whose change makes a new object; the rest is an update. */
  replaceOn?: readonly (keyof Inputs & string)[];
  /** Inputs whose change alone is no change of the object. */
  ignoreChangesOf?: readonly (keyof Inputs & string)[];
  /** The only inputs whose change is one, where `check` has drawn its conclusions from the others. @default all */
  changesOf?: readonly (keyof Inputs & string)[];
  /** Outputs that the state of an older program lacks. */
  stateDefaults?: Partial<Outputs>;
  /** Whether the object is not what it should become, so that an update goes on with it although no input changed. */
  unfinished?(state: Outputs): boolean;
  /** A line for people about how the inputs differ from those before; printed by each preview. */
  explain?(state: Outputs, inputs: Inputs): string;
  create(inputs: Inputs): Promise<{ id: string; outputs: Outputs }>;
  /** The object as it is now; undefined when it is gone. */
  read(id: string, outputs: Outputs): Promise<Outputs | undefined>;
  update(id: string, inputs: Inputs, olds: Outputs): Promise<Outputs>;
  delete(id: string, outputs: Outputs): Promise<void>;
}

type Wire = Record<string, unknown> & { __provider?: unknown };

/** Adapts a lifecycle to what the engine's dynamic provider calls. */
export function defineLifecycle<Inputs extends object, Outputs extends Inputs>(
  lifecycle: Lifecycle<Inputs, Outputs>,
): dynamic.ResourceProvider {
  const stateOf = (wired: Wire): Outputs => ({ ...lifecycle.stateDefaults, ...split<Outputs>(wired).inputs });
  return {
    async check(olds: Wire, news: Wire) {
      const { inputs, provider } = split<Inputs>(news);
      const checked = lifecycle.check
        ? await savingPartialState(provider, () =>
            lifecycle.check!(inputs, isEmpty(olds) ? undefined : split<Inputs>(olds).inputs),
          )
        : { inputs };
      return { inputs: wire(checked.inputs, provider), failures: checked.failures ?? [] };
    },

    async diff(_id: string, olds: Wire, news: Wire) {
      const ignored = new Set<string>(["__provider", ...(lifecycle.ignoreChangesOf ?? [])]);
      const counting: readonly string[] = lifecycle.changesOf ?? Object.keys(news).filter((key) => !ignored.has(key));
      const changed = counting.filter((key) => key in news && !isDeepStrictEqual(olds[key], news[key]));
      const replaces = changed.filter((key) => (lifecycle.replaceOn as readonly string[] | undefined)?.includes(key));
      const state = stateOf(olds);
      if (lifecycle.explain && !containsUnknown(news))
        console.log(lifecycle.explain(state, split<Inputs>(news).inputs));
      const changes = changed.length > 0 || (lifecycle.unfinished?.(state) ?? false);
      return { changes, replaces, deleteBeforeReplace: false };
    },

    async create(news: Wire) {
      const { inputs, provider } = split<Inputs>(news);
      return savingPartialState(provider, async () => {
        const { id, outputs } = await lifecycle.create(inputs);
        return { id, outs: wire(outputs) };
      });
    },

    async read(id: string, state: Wire) {
      const { provider } = split<Outputs>(state);
      const outputs = await savingPartialState(provider, () => lifecycle.read(id, stateOf(state)));
      return outputs ? { id, props: wire(outputs, provider) } : {};
    },

    async update(id: string, olds: Wire, news: Wire) {
      const { inputs, provider } = split<Inputs>(news);
      return savingPartialState(provider, async () => ({
        outs: wire(await lifecycle.update(id, inputs, stateOf(olds))),
      }));
    },

    async delete(id: string, state: Wire) {
      const { provider } = split<Outputs>(state);
      await savingPartialState(provider, () => lifecycle.delete(id, stateOf(state)));
    },
  };
}

function isEmpty(olds: Wire | undefined): boolean {
  return Object.keys(olds ?? {}).length === 0;
}

function split<T>({ __provider: provider, ...inputs }: Wire): { inputs: T; provider: unknown } {
  return { inputs: inputs as T, provider };
}

/** The engine's encoding throws on `undefined` after the object was made, so it is dropped here. */
function wire(value: object, provider?: unknown): Wire {
  return {
    ...(JSON.parse(JSON.stringify(value)) as Wire),
    ...(provider === undefined ? {} : { __provider: provider }),
  };
}

/** Partial state is saved only from an error that carries id, non-empty reasons, and properties with `__provider`. */
async function savingPartialState<R>(provider: unknown, action: () => Promise<R>): Promise<R> {
  try {
    return await action();
  } catch (error) {
    if (!(error instanceof PartialFailure)) throw plain(error);
    throw Object.assign(plain(error), {
      id: error.id,
      properties: wire(error.outputs, provider),
      reasons: [error.message],
    });
  }
}

/** The engine prints `${error}: ${stack}`; users need the message alone. */
function plain(error: unknown): Error {
  const bare = new Error(messageOf(error));
  bare.name = "";
  bare.stack = "";
  return bare;
}
