import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { typescriptOptions } from "../typescript";
import type { SizeFacts } from "./regionSizes";

const longestMs = 30_000;

/**
 * The sizes of a region for a message, asked for by a process of its own: where resources are declared nothing can be waited
 * for, and only a mistake needs them.
 * @returns undefined when the region does not tell
 */
export function regionSizesSync(location: string, subscriptionId: string | undefined): SizeFacts[] | undefined {
  try {
    const args = [...typescriptOptions, join(__dirname, "regionSizesMain.ts"), location];
    const text = execFileSync(process.execPath, subscriptionId ? [...args, subscriptionId] : args, {
      encoding: "utf8",
      timeout: longestMs,
      stdio: ["ignore", "pipe", "ignore"],
    });
    const sizes = JSON.parse(text) as SizeFacts[];
    return sizes.length > 0 ? sizes : undefined;
  } catch {
    return undefined;
  }
}
