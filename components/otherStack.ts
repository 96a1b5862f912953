import * as pulumi from "@pulumi/pulumi";
import type { StackConfig } from "../config";
import { readPlatform } from "../contract/reader";
import type { ChampionVersionArgs } from "../providers/championModel/resource";

/**
 * The champion of another stack of this program, by that stack's contract or by the registry that it shares it through;
 * undefined where the model is trained here.
 */
export function championSource({ source, registry }: StackConfig["model"]): ChampionVersionArgs["source"] {
  if (source === "train") return undefined;
  if (source === "registry") return { stack: registry?.stack ?? "", registryId: registry?.id ?? "" };
  const stack = source.replace("stack:", "");
  const platform = readPlatform(new pulumi.StackReference(stack));
  return { stack, modelId: platform.apply(({ champion }) => champion.id) };
}

/** This stack as others name it: ORG/PROJECT/STACK. */
export function thisStack(): string {
  return [pulumi.getOrganization(), pulumi.getProject(), pulumi.getStack()].join("/");
}
