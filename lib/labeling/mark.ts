import { createHash } from "node:crypto";

/** By which a labeling project is found again: the same for the same project of a workspace, whoever deploys it. */
export function markOf(workspaceId: string, name: string): string {
  return createHash("sha256").update(`${workspaceId.toLowerCase()}\0${name}`).digest("hex").slice(0, 16);
}

/** Folder of the container for what is kept beside the labeling project. */
export function folderOf(mark: string): string {
  return `labeling/${mark}`;
}
