import { extname } from "node:path";

/** Why an image cannot have an URL. */
export type FileNameFault =
  | "no file name"
  | "a file name with half a character"
  | "an absolute file name"
  | "a file name that leads out of its folder";

/** What is wrong with a `file_name`, if anything. */
export function fileNameFault(fileName: string | undefined): FileNameFault | undefined {
  if (fileName === undefined) return "no file name";
  // Half of a surrogate pair has no bytes in UTF-8, and so no file and no URL.
  if (/\p{Surrogate}/u.test(fileName)) return "a file name with half a character";
  if (/^([\\/]|[a-z]:[\\/])/i.test(fileName)) return "an absolute file name";
  // The service takes a backslash for a slash.
  return fileName.split(/[\\/]/).includes("..") ? "a file name that leads out of its folder" : undefined;
}

/**
 * URL of an image. Clients decode a path before they ask for the blob, and take "?" and "#" for its end: so all bytes but
 * letters, digits and -_.!~*'() are percent-encoded, as UTF-8. Folders stay folders; "./" means nothing and goes.
 */
export function imageUrl(prefix: string, fileName: string): string {
  return prefix + (isPlain(fileName) ? fileName : encodePath(fileName));
}

/** The inverse: the `file_name` of what stands behind the prefix. A "%" that encodes nothing stands for itself. */
export function fileNameOf(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

/** Format of an image by its name's extension in lower case; "" without one. */
export function formatOf(fileName: string): string {
  return extname(fileName).slice(1).toLowerCase();
}

function isPlain(fileName: string): boolean {
  return /^\w[\w.\-/]*$/.test(fileName) && !fileName.includes("/./");
}

function encodePath(fileName: string): string {
  return fileName
    .split("/")
    .filter((segment) => segment !== ".")
    .map(encodeURIComponent)
    .join("/");
}
