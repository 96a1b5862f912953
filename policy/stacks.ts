/** The setting of a rule that only some stacks have to keep to. */
export interface StackSettings {
  stacks: string[];
}

export const production = ["prod", "prod-*"];

export function stacksSetting(names: string[]) {
  return {
    type: "array",
    items: { type: "string", minLength: 1 },
    description: "Stacks that it holds for; * stands for any characters.",
    default: names,
  } as const;
}

export function isAmong(stack: string, { stacks }: StackSettings): boolean {
  return stacks.some((name) => {
    const pattern = name.split("*").map((part) => part.replace(/[.+?^${}()|[\]\\]/g, "\\$&"));
    return new RegExp(`^${pattern.join(".*")}$`, "i").test(stack);
  });
}
