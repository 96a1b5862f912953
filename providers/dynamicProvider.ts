import type * as pulumi from "@pulumi/pulumi";

type Load = (folder: string) => Required<Omit<pulumi.dynamic.ResourceProvider, "configure">>;

/**
 * The stub that goes into the state in place of a lifecycle: it loads `providers/<folder>/lifecycle.ts` when it is called.
 * Nothing else may be captured here: Pulumi serializes this object by its text, and what it captured would be frozen into
 * the state of every resource. Relative paths are resolved from the program's folder.
 */
export function dynamicProvider(folder: string): pulumi.dynamic.ResourceProvider {
  return {
    check: async (olds, news) => (require("./providers/load.cjs") as Load)(folder).check(olds, news),
    diff: async (id, olds, news) => (require("./providers/load.cjs") as Load)(folder).diff(id, olds, news),
    create: async (inputs) => (require("./providers/load.cjs") as Load)(folder).create(inputs),
    read: async (id, properties) => (require("./providers/load.cjs") as Load)(folder).read(id, properties),
    update: async (id, olds, news) => (require("./providers/load.cjs") as Load)(folder).update(id, olds, news),
    delete: async (id, properties) => (require("./providers/load.cjs") as Load)(folder).delete(id, properties),
  };
}
