import { readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { armTypeOf, resourceTypes, type ResourceType } from "../../resourceTypes";

/**
 * Puts the api-versions that the installed @pulumi/azure-native knows of each type into apiVersions.json, beside those that
 * Bicep's types of Azure and other clients have: nothing is taken out, as the SDK leaves out what its own versions do not need.
 */
const sdk = dirname(require.resolve("@pulumi/azure-native/package.json"));
const version = /\b20\d\d-\d\d-\d\d(?:-(?:alpha|beta|preview|privatepreview))?\b/g;

/** Those of the type's documentation: its own, and "Other available API versions". */
function versionsInSdk({ token, apiVersion }: ResourceType): string[] {
  const [, module = "", name = ""] = token.split(":");
  const file = join(sdk, module, `${name.charAt(0).toLowerCase()}${name.slice(1)}.d.ts`);
  const [documentation = ""] = readFileSync(file, "utf8").split(`export declare class ${name} `);
  const lines = documentation.split("\n").filter((line) => /REST API version|available API versions/.test(line));
  return [apiVersion, ...lines.flatMap((line) => line.match(version) ?? [])];
}

const file = join(__dirname, "apiVersions.json");
const text = readFileSync(file, "utf8");
const known = new Map(
  Object.entries(JSON.parse(text) as Record<string, string>).map(([type, list]) => [type, new Set(list.split(" "))]),
);
for (const type of resourceTypes) {
  const all = known.get(armTypeOf(type)) ?? new Set();
  for (const found of versionsInSdk(type)) all.add(found);
  known.set(armTypeOf(type), all);
}
const lists = [...known].sort(([a], [b]) => (a < b ? -1 : 1)).map(([type, all]) => [type, [...all].sort().join(" ")]);
const generated = `${JSON.stringify(Object.fromEntries(lists), undefined, 2)}\n`;
if (!process.argv.includes("--check")) {
  writeFileSync(file, generated);
  console.log(`${lists.length} resource types, ${generated.split(/ 20|"20/).length - 1} api-versions`);
} else if (generated !== text) {
  console.error(
    "error: local/emulator/arm/apiVersions.json lacks some of the SDK's. Run: npm run generate:api-versions",
  );
  process.exitCode = 1;
}
