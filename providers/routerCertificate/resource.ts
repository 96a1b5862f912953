import * as pulumi from "@pulumi/pulumi";
import { dynamicProvider } from "../dynamicProvider";

const provider = dynamicProvider("routerCertificate");

export interface RouterCertificateArgs {
  /** ARM id of the AKS cluster. */
  clusterId: pulumi.Input<string>;
  /** ARM id of the Key Vault secret with certificate, chain and private key as PEM. */
  secretId: string;
  /** Host name that the certificate must be for. */
  host: string;
  /** Stack that the Kubernetes secret is marked with. */
  owner: string;
}

/**
 * Copies the inference router's certificate from a Key Vault into a Kubernetes secret, by run-command. The secret is named
 * for the version in the vault, so that a new version is another secret, which the extension is then told of; certificate
 * and key are in no input, output or state.
 */
export class RouterCertificate extends pulumi.dynamic.Resource {
  /** Name of the Kubernetes secret, in the extension's namespace. */
  declare readonly secretName: pulumi.Output<string>;

  constructor(name: string, args: RouterCertificateArgs, opts?: pulumi.CustomResourceOptions) {
    super(
      provider,
      name,
      { ...args, secretName: undefined, fingerprint: undefined, changed: undefined },
      { ...opts, hideDiffs: ["__provider"] },
      "azureml",
      "RouterCertificate",
    );
  }
}
