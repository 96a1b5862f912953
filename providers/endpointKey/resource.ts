import * as pulumi from "@pulumi/pulumi";
import { dynamicProvider } from "../dynamicProvider";

const provider = dynamicProvider("endpointKey");

export interface EndpointKeyArgs {
  /** ARM id of the online endpoint. */
  endpointId: pulumi.Input<string>;
  /** ARM id of the Key Vault. */
  keyVaultId: pulumi.Input<string>;
  /** Name of the secret. */
  secretName: pulumi.Input<string>;
}

/**
 * Copies the endpoint's primary key into a Key Vault secret, again when it was made anew; the key itself is in no input,
 * output or state.
 */
export class EndpointKey extends pulumi.dynamic.Resource {
  /** ARM id of the secret. */
  declare readonly secretId: pulumi.Output<string>;

  constructor(name: string, args: EndpointKeyArgs, opts?: pulumi.CustomResourceOptions) {
    super(
      provider,
      name,
      { ...args, secretId: undefined, fingerprint: undefined, stale: undefined },
      { ...opts, hideDiffs: ["__provider"] },
      "azureml",
      "EndpointKey",
    );
  }
}
