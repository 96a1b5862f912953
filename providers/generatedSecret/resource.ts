import * as pulumi from "@pulumi/pulumi";
import type { SecretForm } from "../../lib/secretForms";
import { dynamicProvider } from "../dynamicProvider";

const provider = dynamicProvider("generatedSecret");

export interface GeneratedSecretArgs {
  /** What it is for says how it must look. */
  form: SecretForm;
}

/** A secret that nobody has thought up: made once, and kept in the stack's state, encrypted. A replacement makes another one. */
export class GeneratedSecret extends pulumi.dynamic.Resource {
  /** A secret. */
  declare readonly value: pulumi.Output<string>;

  constructor(name: string, args: GeneratedSecretArgs, opts?: pulumi.CustomResourceOptions) {
    super(
      provider,
      name,
      { ...args, value: undefined },
      { ...opts, hideDiffs: ["__provider"], additionalSecretOutputs: ["value"] },
      "secrets",
      "GeneratedSecret",
    );
  }
}
