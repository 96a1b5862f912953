import type { ArmClient } from "../../azure/arm";
import { openTable } from "../../azure/dataAssets";
import { tableLines } from "../../azure/tableFiles";
import type { TruthBox } from "./matching";

/** A picture of a data asset, with what is on it. */
export interface HeldOutPicture {
  url: string;
  width: number | null;
  height: number | null;
  truth: TruthBox[];
}

/** Pictures that are looked at: their lines are kept in memory. */
export const mostPictures = 5000;

/**
 * The pictures of an MLTable asset, the first of them when there are very many.
 * @param dataId ARM id of the version
 * @throws UserError when it is no table of a datastore, or a line cannot be read
 */
export async function readHeldOut(
  arm: ArmClient,
  workspaceId: string,
  { dataId, labelColumn }: { dataId: string; labelColumn: string },
): Promise<HeldOutPicture[]> {
  const { container, folder } = await openTable(arm, workspaceId, dataId);
  const pictures: HeldOutPicture[] = [];
  for await (const line of tableLines(container, folder)) {
    const picture = readPicture(line, labelColumn);
    if (picture) pictures.push(picture);
    if (pictures.length === mostPictures) break;
  }
  return pictures;
}

/** Undefined for a line without a picture or boxes. */
export function readPicture(line: string, labelColumn: string): HeldOutPicture | undefined {
  let row: Record<string, unknown>;
  try {
    row = JSON.parse(line) as Record<string, unknown>;
  } catch {
    return undefined;
  }
  const boxes = row[labelColumn];
  if (typeof row.image_url !== "string" || !Array.isArray(boxes)) return undefined;
  const { width, height } = (row.image_details ?? {}) as { width?: unknown; height?: unknown };
  return {
    url: row.image_url,
    width: typeof width === "number" && width > 0 ? width : null,
    height: typeof height === "number" && height > 0 ? height : null,
    truth: boxes.flatMap((box: Record<string, unknown>) => {
      const [topX, topY, bottomX, bottomY] = [box.topX, box.topY, box.bottomX, box.bottomY].map(Number) as [
        number,
        number,
        number,
        number,
      ];
      const isBox = [topX, topY, bottomX, bottomY].every(Number.isFinite);
      return isBox
        ? [{ label: String(box.label), topX, topY, bottomX, bottomY, isCrowd: Number(box.isCrowd) === 1 }]
        : [];
    }),
  };
}
