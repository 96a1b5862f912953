import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { messageOf } from "../../lib/errors";
import { armTypeOf } from "../../lib/preflight/policies/armTypes";
import type { Declared } from "../../lib/preflight/policies/fields";
import type { Program } from "./declared";

/**
 * Prints what the program declares, as JSON: the {@link Program} comes in by stdin. The SDK's own mocks stand in for the engine,
 * as in a preview of a stack that is not there yet: what only Azure knows stays unknown.
 */
const { project, stack, subscriptionId, values } = JSON.parse(readFileSync(0, "utf8")) as Program;
const nobody = "00000000-0000-0000-0000-000000000000";
/** Answers of the provider that tell who deploys. */
const calls: Readonly<Record<string, object>> = {
  "azure-native:authorization:getClientConfig": {
    subscriptionId,
    tenantId: nobody,
    objectId: nobody,
    clientId: nobody,
  },
  "azure-native:authorization:getClientToken": { token: `.${Buffer.from("{}").toString("base64url")}.` },
};
const sdk = dirname(require.resolve("@pulumi/azure-native/package.json"));
const settable = new Map<string, string[]>();
const found: Declared[] = [];

async function main(): Promise<void> {
  pulumi.runtime.setAllConfig({ ...values });
  await pulumi.runtime.setMocks(
    {
      call: ({ token }) => calls[token] ?? {},
      newResource: ({ type, name, id, inputs }) => {
        // What is there already has an id, and is not made.
        if (!id && (type.startsWith("azure-native:") || armTypeOf(type)))
          found.push({
            token: type,
            name,
            inputs: inputs as Declared["inputs"],
            settable: settable.get(type) ?? [],
            apiVersion: apiVersionOf(type),
          });
        // An id that is not known is one that is undefined.
        return { id: (id || undefined) as string, state: inputs as object };
      },
    },
    project,
    stack,
    true,
  );
  await pulumi.runtime.runInPulumiStack(() => {
    // The SDK gives an entry, if an empty one, to each input that a type has.
    pulumi.runtime.registerStackTransformation(({ type, props }) => {
      settable.set(type, Object.keys(props));
      return undefined;
    });
    createRequire(__filename)("../../index");
    return Promise.resolve();
  });
}

/** That of the SDK's documentation, which is what its provider asks with. */
function apiVersionOf(token: string): string | undefined {
  const [, module = "", name = ""] = token.split(":");
  if (!token.startsWith("azure-native:")) return undefined;
  const file = join(sdk, module, `${name.charAt(0).toLowerCase()}${name.slice(1)}.d.ts`);
  return /REST API version (\d{4}-\d{2}-\d{2}(?:-\w+)?)\./.exec(readFileSync(file, "utf8"))?.[1];
}

function fail(error: unknown): void {
  console.error(messageOf(error).replaceAll("\n", " "));
  process.exit(1);
}

process.on("uncaughtException", fail);
process.on("unhandledRejection", fail);
// Resources are declared for as long as something is awaited.
process.once("beforeExit", () => console.log(JSON.stringify(found)));
main().catch(fail);
