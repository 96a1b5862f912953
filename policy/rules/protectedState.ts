import { rule, type Violation } from "../rule";
import { isAmong, production, stacksSetting } from "../stacks";
import { types } from "../types";

interface Settings {
  stacks: string[];
  types: string[];
}

export const protectedState = rule<Settings>({
  name: "protected-state",
  description: "What holds images, models, secrets or logs of production cannot be deleted by mistake.",
  level: "mandatory",
  severity: "high",
  settings: {
    stacks: stacksSetting(production),
    types: {
      type: "array",
      items: { type: "string", minLength: 1 },
      description: "Type tokens of the resources that have to be protected.",
      default: [types.storageAccount, types.vault, types.workspace, types.logs, types.databaseServer],
    },
  },
  check({ type, stack, isProtected }, settings): Violation[] {
    if (isProtected || !settings.types.includes(type) || !isAmong(stack, settings)) return [];
    const next =
      "Set protection.protect to true in the stack's configuration; a resource elsewhere gets the option protect.";
    return [{ property: "protect", value: false, allowed: "true", next }];
  },
});
