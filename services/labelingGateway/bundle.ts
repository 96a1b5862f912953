import type * as esbuild from "esbuild";
import { join } from "node:path";

/** Runs on Node.js of this version and later, as the rest of the project. */
const target = "node20";

/** The image gateway for a container: one file of JavaScript that needs Node.js and nothing else, the same for the same sources. */
export function gatewayBundle(): string {
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- only who runs Label Studio on Azure needs it
  const { buildSync } = require("esbuild") as typeof esbuild;
  const { outputFiles } = buildSync({
    entryPoints: [join(__dirname, "containerMain.ts")],
    bundle: true,
    write: false,
    platform: "node",
    target,
    format: "cjs",
    minify: true,
    legalComments: "none",
  });
  return outputFiles[0]?.text ?? "";
}
