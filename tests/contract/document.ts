import type { Platform } from "../../contract/schema";
import example from "../../contract/example/platform.json";

/** A whole document, as a stack gives it. */
export const document = example as Platform;
