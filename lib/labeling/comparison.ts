import { iou, sameObjectIou } from "../serving/detections";
import type { ShareBox } from "./regions";

/** Boxes that overlap so much were taken as they are: what is off is the rounding of a page. */
const unchangedIou = 0.99;

/** What became of suggested boxes. */
export interface BoxChanges {
  /** Taken as they are. */
  unchanged: number;
  /** Taken at another place or size, overlapping by half or more. */
  moved: number;
  /** Not taken, or given another label. */
  deleted: number;
  /** Drawn where nothing of that label was suggested. */
  missed: number;
}

export function noChanges(): BoxChanges {
  return { unchanged: 0, moved: 0, deleted: 0, missed: 0 };
}

export function addChanges(sum: BoxChanges, more: BoxChanges): void {
  for (const key of Object.keys(more) as (keyof BoxChanges)[]) sum[key] += more[key];
}

/** How an image's final boxes differ from those that were suggested, by label. */
export function compareBoxes(suggested: readonly ShareBox[], final: readonly ShareBox[]): Map<string, BoxChanges> {
  const changes = new Map<string, BoxChanges>();
  const taken = new Set<ShareBox>();
  const pairs = suggested
    .flatMap((from) =>
      final.filter(({ label }) => label === from.label).map((to) => ({ from, to, overlap: iou(from, to) })),
    )
    .filter(({ overlap }) => overlap >= sameObjectIou)
    .sort((a, b) => b.overlap - a.overlap);
  for (const { from, to, overlap } of pairs) {
    if (taken.has(from) || taken.has(to)) continue;
    taken.add(from).add(to);
    of(from.label)[overlap >= unchangedIou ? "unchanged" : "moved"]++;
  }
  for (const box of suggested) if (!taken.has(box)) of(box.label).deleted++;
  for (const box of final) if (!taken.has(box)) of(box.label).missed++;
  return changes;

  function of(label: string): BoxChanges {
    let found = changes.get(label);
    if (!found) changes.set(label, (found = noChanges()));
    return found;
  }
}

/** Share of all boxes on which both sides agree, from 0 to 1: the F1 of the one measured by the other; null without boxes. */
export function agreementOf({ unchanged, moved, deleted, missed }: BoxChanges): number | null {
  const same = 2 * (unchanged + moved);
  const all = same + deleted + missed;
  return all === 0 ? null : same / all;
}
