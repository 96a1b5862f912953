import { statfs } from "node:fs/promises";
import { dirname } from "node:path";
import { UserError } from "../errors";

/** @throws UserError when the disk has no room for `bytes` more */
export async function requireRoom(file: string, bytes: number): Promise<void> {
  const { bavail, bsize } = await statfs(dirname(file));
  if (bavail * bsize >= bytes) return;
  const gigabytes = (size: number) => `${(size / 1e9).toFixed(1)} GB`;
  throw new UserError(
    `${file} needs ${gigabytes(bytes)} more, and ${dirname(file)} has ${gigabytes(bavail * bsize)} free. Free some space, or choose another folder.`,
  );
}
