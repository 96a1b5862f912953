import { changeResult, listAnnotatedTasks } from "./api";
import type { LabelStudioClient } from "./client";
import type { Region } from "./regions";

/** How much of the people's work has a label. */
export interface LabelUse {
  boxes: number;
  /** Images with such boxes. */
  images: number;
}

/** Uses of labels that are to go; those that nobody uses are not in it. */
export async function labelUses(
  client: LabelStudioClient,
  projectId: number,
  labels: readonly string[],
): Promise<Map<string, LabelUse>> {
  const uses = new Map<string, LabelUse>();
  for await (const { annotations } of listAnnotatedTasks(client, projectId)) {
    const found = annotations.flatMap(({ result }) => result.flatMap(labelsOfRegion));
    for (const label of new Set(found)) {
      if (!labels.includes(label)) continue;
      const use = uses.get(label) ?? { boxes: 0, images: 0 };
      uses.set(label, { boxes: use.boxes + found.filter((one) => one === label).length, images: use.images + 1 });
    }
  }
  return uses;
}

/** What is wrong with taking labels away, a line for each; empty when nobody uses them. */
export function describeUses(uses: ReadonlyMap<string, LabelUse>, labels: readonly string[]): string[] {
  return [...uses].map(
    ([label, { boxes, images }]) =>
      `label "${label}" is on ${boxes} boxes of ${images} images, and not among the labels (${labels.join(", ")}) any more. Keep it, ` +
      `or say what becomes of it: labeling.renameLabels: {${JSON.stringify(label)}: ${JSON.stringify(labels[0] ?? "...")}}.`,
  );
}

/** Gives the boxes of some labels other ones; answers how many annotations it changed. May be repeated. */
export async function renameInAnnotations(
  client: LabelStudioClient,
  projectId: number,
  renames: Readonly<Record<string, string>>,
): Promise<number> {
  let changed = 0;
  for await (const { annotations } of listAnnotatedTasks(client, projectId)) {
    for (const { id, result } of annotations) {
      if (!result.some((region) => labelsOfRegion(region).some((label) => Object.hasOwn(renames, label)))) continue;
      await changeResult(client, id, result.map(renamed));
      changed++;
    }
  }
  return changed;

  function renamed(region: Region): Region {
    const { rectanglelabels: labels } = region.value;
    if (!labels) return region;
    const others = labels.map((label) => (Object.hasOwn(renames, label) ? renames[label] : label));
    return { ...region, value: { ...region.value, rectanglelabels: others } };
  }
}

function labelsOfRegion({ value }: Region): string[] {
  return value.rectanglelabels ?? [];
}
