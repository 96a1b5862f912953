import type { ModelVersion } from "./modelVersion";
import { lastPromoted } from "./versions";

/**
 * Tag of a model in a registry with the time at which a stack made it its champion. Versions there are named by their content,
 * so several stacks can have the same one; and each writes one tag when it promotes, and takes none away.
 * @param stack ORG/PROJECT/STACK
 */
export function sharingTag(stack: string): string {
  return `champion_of.${stack.replaceAll("/", ".")}`;
}

/** The champion of a stack among the versions of a registry: the one that it promoted last. */
export function sharedChampion(versions: readonly ModelVersion[], stack: string): ModelVersion | undefined {
  const tag = sharingTag(stack);
  const shared = versions.flatMap((version) => {
    const promotedAt = version.properties.tags?.[tag];
    return promotedAt === undefined ? [] : [{ ...version, promotedAt }];
  });
  return lastPromoted(shared);
}
