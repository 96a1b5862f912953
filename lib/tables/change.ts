import type { TableSize } from "./size";

interface Version {
  version: string;
  report: TableSize & { boxes: number };
}

/** What a preview says of new data. */
export function describeChange({ version: old, report: before }: Version, { version, report: now }: Version): string {
  if (version === old) return `Data: unchanged, version ${version} (${now.images} images, ${now.boxes} boxes)`;
  const images = `${signed(now.images - before.images)} images`;
  return `Data: ${images}, ${signed(now.boxes - before.boxes)} boxes, new version ${version}`;
}

interface Labels {
  version: string;
  images: number;
  boxes: number;
  /** Images that somebody had done then. */
  done: number;
}

interface LabelsNow {
  /** Images that somebody has done by now; undefined when nobody says. */
  labeled?: number;
  /** Why they are exported now. */
  due?: string;
  /** The export that is there, when no other one is made. */
  last?: Labels | null;
  /** Images more that make an export due; Infinity when only a person does. */
  step: number;
}

/** What a preview says of what people have labeled since the last export. */
export function describeLabels(before: Labels | null | undefined, { labeled, due, last, step }: LabelsNow): string {
  if (due !== undefined) {
    const more = signed((labeled ?? 0) - (before?.done ?? 0));
    return `Labels: ${more} labeled images${before ? ` since version ${before.version}` : ""}, exported by "up" (${due})`;
  }
  if (!last) return `Labels: nothing exported yet, ${labeled ?? "an unknown number of"} labeled images`;
  if (last.version !== before?.version) {
    const boxes = signed(last.boxes - (before?.boxes ?? 0));
    return `Labels: ${signed(last.images - (before?.images ?? 0))} labeled images, ${boxes} boxes, new version ${last.version}`;
  }
  const more = labeled === undefined ? "" : `; ${signed(labeled - last.done)} labeled images since then`;
  const next = Number.isFinite(step) ? `; exported at +${step}` : "";
  return `Labels: unchanged, version ${last.version} (${last.images} images, ${last.boxes} boxes)${more}${next}`;
}

function signed(count: number): string {
  return count < 0 ? String(count) : `+${count}`;
}
