import { commandFailed, type ClusterCommands } from "../../lib/azure/clusterCommand";
import { ownerAnnotation } from "../../lib/serving/instanceType";
import type { PemCertificate } from "../../lib/serving/pemCertificate";

/** Of the Azure ML extension, which takes its certificate from there. */
const namespace = "azureml";
const file = "secret.json";

/** A Kubernetes secret with the router's certificate; of what is in it, the certificate alone is ever read. */
export class ClusterSecret {
  constructor(
    private readonly commands: ClusterCommands,
    private readonly name: string,
  ) {}

  /** Writes it, with its namespace. Server-side, as kubectl would else keep a copy of the key in an annotation. */
  async write({ certificate, key }: PemCertificate, owner: string): Promise<void> {
    const metadata = { name: this.name, namespace, annotations: { [ownerAnnotation]: owner } };
    const data = { "cert.pem": base64(certificate), "key.pem": base64(key) };
    const items = [
      { apiVersion: "v1", kind: "Namespace", metadata: { name: namespace } },
      { apiVersion: "v1", kind: "Secret", metadata, type: "Opaque", data },
    ];
    const list = JSON.stringify({ apiVersion: "v1", kind: "List", items });
    await this.succeed(`kubectl apply --server-side --force-conflicts -f ${file}`, { [file]: list });
  }

  /** The certificate that is in it; undefined when there is no such secret. */
  async certificate(): Promise<string | undefined> {
    const output = await this.succeed(
      `kubectl get secret/${this.name} -n ${namespace} --ignore-not-found -o jsonpath='{.data.cert\\.pem}'`,
    );
    const [text] = /^[A-Za-z0-9+/]{40,}={0,2}$/m.exec(output) ?? [];
    return text === undefined ? undefined : Buffer.from(text, "base64").toString("utf8");
  }

  async remove(): Promise<void> {
    await this.succeed(`kubectl delete secret/${this.name} -n ${namespace} --ignore-not-found`);
  }

  private async succeed(command: string, files?: Record<string, string>): Promise<string> {
    const outcome = await this.commands.run(command, files);
    if (outcome.exitCode !== 0) throw commandFailed(command, outcome);
    return outcome.output;
  }
}

function base64(text: string): string {
  return Buffer.from(text, "utf8").toString("base64");
}
