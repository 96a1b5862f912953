import { lastPromoted } from "../../lib/promotion";
import type { ModelVersion } from "../../lib/promotion";

/**
 * What a hand has changed about who is the champion, for people. Anything listed makes the next `up` put it right: the tag
 * goes back to the version that was promoted last; where that one is archived or deleted, the one before it serves again.
 * @param known the champion's version, as the state has it
 */
export function driftOf(versions: readonly ModelVersion[], known: string): string[] {
  const champion = lastPromoted(versions);
  const before = versions.find(({ version }) => version === known);
  return [
    ...(before ? [] : [`version ${known}, the champion, was deleted`]),
    ...(before?.archived ? [`version ${known}, the champion, was archived`] : []),
    ...(champion && !champion.tagged && champion.version === known
      ? [`version ${known}, the champion, has lost its tag`]
      : []),
    ...(champion && champion.version !== known && before && !before.archived
      ? [`version ${champion.version} was promoted by somebody else`]
      : []),
    ...versions
      .filter(({ version, tagged }) => tagged && version !== champion?.version && version !== known)
      .map(({ version }) => `version ${version} is tagged as champion too`),
  ];
}
