import { createHash } from "node:crypto";
import { ArmClient } from "../../lib/azure/arm";
import { ClusterCommands } from "../../lib/azure/clusterCommand";
import { readVaultSecret, type VaultSecret } from "../../lib/azure/vaultSecrets";
import { combineProblems, UserError } from "../../lib/errors";
import { endsSoon, readPemCertificate, type PemCertificate } from "../../lib/serving/pemCertificate";
import { defineLifecycle } from "../lifecycle";
import { ClusterSecret } from "./clusterSecret";

interface Inputs {
  clusterId: string;
  /** ARM id of the vault's secret. */
  secretId: string;
  host: string;
  owner: string;
  /** Version of the vault's secret; the current one, found by each preview. */
  version?: string;
}

interface Outputs extends Inputs {
  /** The Kubernetes secret, named for the version: another version is another secret. */
  secretName: string;
  /** Hash of the certificate, by which a changed one is known; nothing of the key is kept. */
  fingerprint: string;
  /** Whether the cluster has another certificate by now. */
  changed: boolean;
}

function secretNameOf({ secretId, owner, version }: Inputs): string {
  return `router-tls-${hashOf([secretId.toLowerCase(), owner, version].join("\0")).slice(0, 12)}`;
}

function hashOf(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

/** @throws UserError that says what is wrong with it, and never what is in it */
function certificateOf({ secretId, host }: Inputs, { value, contentType }: VaultSecret): PemCertificate {
  const heading = `The certificate of serving.tls.keyVaultSecretId, ${secretId}, cannot be used:`;
  if (contentType === "application/x-pkcs12")
    throw combineProblems(heading, [
      'it is PKCS #12: give the certificate\'s policy the content type "application/x-pem-file", and make a new version.',
    ]);
  const read = readPemCertificate(value, host, new Date());
  if ("problems" in read) throw combineProblems(heading, read.problems);
  return read;
}

async function openSecret(inputs: Inputs): Promise<ClusterSecret | undefined> {
  const commands = await ClusterCommands.open(await ArmClient.connect(), inputs.clusterId);
  return commands && new ClusterSecret(commands, secretNameOf(inputs));
}

async function write(inputs: Inputs): Promise<Outputs> {
  const secret = await openSecret(inputs);
  if (!secret) throw new UserError(`Cluster ${inputs.clusterId} is not there. Run "pulumi refresh", then "pulumi up".`);
  const certificate = certificateOf(
    inputs,
    await readVaultSecret(await ArmClient.connect(), inputs.secretId, inputs.version),
  );
  await secret.write(certificate, inputs.owner);
  if ((await secret.certificate()) !== certificate.certificate)
    throw new UserError(
      `The router's certificate in ${inputs.clusterId} is not what was written. Somebody else changes it, too: end that, and run "pulumi up" again.`,
    );
  const secretName = secretNameOf(inputs);
  console.log(
    `Certificate for ${inputs.host}: secret ${secretName}, until ${certificate.validTo.toISOString().slice(0, 10)}`,
  );
  return { ...inputs, secretName, fingerprint: hashOf(certificate.certificate), changed: false };
}

export const lifecycle = defineLifecycle<Inputs, Outputs>({
  replaceOn: ["clusterId", "secretId", "owner", "version"],
  unfinished: ({ changed }) => changed,

  /** Finds the current version, and says in the preview what is wrong with it. */
  async check(inputs) {
    const secret = await readVaultSecret(await ArmClient.connect(), inputs.secretId);
    const ending = endsSoon(certificateOf(inputs, secret), new Date());
    if (ending)
      console.log(`warning: the certificate for ${inputs.host} ${ending}: renew it in the vault, and run "pulumi up"`);
    return { inputs: { ...inputs, version: secret.version } };
  },

  async create(inputs) {
    const outputs = await write(inputs);
    return { id: `${inputs.clusterId}/secrets/${outputs.secretName}`, outputs };
  },

  async read(_id, state) {
    const certificate = await (await openSecret(state))?.certificate();
    return certificate === undefined ? undefined : { ...state, changed: hashOf(certificate) !== state.fingerprint };
  },

  async update(_id, inputs) {
    return write(inputs);
  },

  async delete(_id, state) {
    await (await openSecret(state))?.remove();
  },
});
