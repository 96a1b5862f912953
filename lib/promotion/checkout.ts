import { execFileSync } from "node:child_process";

/**
 * The git commit of a folder, with "-dirty" when files that git follows were changed or new ones wait to be added;
 * "unknown" where there is no git or no commit.
 */
export function gitCommit(folder: string = process.cwd()): string {
  const git = (...args: string[]) =>
    execFileSync("git", ["-C", folder, ...args], {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
      timeout: 10_000,
      maxBuffer: 64 * 1024 * 1024,
    }).trim();
  try {
    const commit = git("rev-parse", "HEAD");
    return git("status", "--porcelain") === "" ? commit : `${commit}-dirty`;
  } catch {
    return "unknown";
  }
}
