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

function signed(count: number): string {
  return count < 0 ? String(count) : `+${count}`;
}
