import * as pulumi from "@pulumi/pulumi";

/**
 * Tags each resource of Azure that takes tags and is made here. To be called before the first of them is declared.
 * @param own tags beside `application` and `stack`, over which they win
 */
export function tagResources(own: Readonly<Record<string, string>>): void {
  const tags = { application: pulumi.getProject(), stack: pulumi.getStack(), ...own };
  pulumi.runtime.registerStackTransformation(({ type, props, opts }) => {
    // The SDK gives an entry, if an empty one, to each input that a type has.
    if (!isTracked.test(type) || !("tags" in props) || (opts as pulumi.CustomResourceOptions).id !== undefined)
      return undefined;
    const given = (props as { tags?: pulumi.Input<Record<string, pulumi.Input<string>>> }).tags;
    const all = given === undefined ? tags : pulumi.output(given).apply((kept) => ({ ...tags, ...kept }));
    return { props: { ...props, tags: all }, opts };
  });
}

/** What the program makes by itself beside azure-native takes tags where it is a resource with a location. */
const isTracked = /^azure-native:|azureml:(Online|Batch)Deployment$/;
