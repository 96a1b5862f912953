import * as pulumi from "@pulumi/pulumi";
import { readPlatform } from "../contract/reader";
import type { ChampionVersionArgs } from "../providers/championModel/resource";

/** The champion of another stack of this program, by that stack's contract. @param stack ORG/PROJECT/STACK */
export function championOf(stack: string): NonNullable<ChampionVersionArgs["source"]> {
  const platform = readPlatform(new pulumi.StackReference(stack));
  return { stack, modelId: platform.apply(({ champion }) => champion.id) };
}
