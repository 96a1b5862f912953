import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { BlobServiceClient, ContainerSASPermissions, type ContainerClient } from "@azure/storage-blob";

const account = "devstoreaccount1";
const key = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";

/** How an account at `endpoint` is named to clients. */
export function connectionString(endpoint: string): string {
  return `DefaultEndpointsProtocol=http;AccountName=${account};AccountKey=${key};BlobEndpoint=${endpoint}/${account}`;
}

/** Azurite as it comes, in a process and a folder of its own. */
export class Azurite {
  private constructor(
    /** `http://127.0.0.1:PORT` */
    readonly endpoint: string,
    private readonly child: ChildProcess,
    private readonly folder: string,
  ) {}

  static async start(): Promise<Azurite> {
    const folder = await mkdtemp(join(tmpdir(), "azurite-"));
    const main = require.resolve("azurite/dist/src/blob/main.js");
    const child = spawn(
      process.execPath,
      [main, "--blobPort", "0", "--location", folder, "--skipApiVersionCheck", "--disableTelemetry"],
      {
        stdio: ["ignore", "pipe", "inherit"],
      },
    );
    const endpoint = await new Promise<string>((resolve, reject) => {
      let text = "";
      // Read to its end, since Azurite writes a line a request.
      child.stdout.on("data", (chunk: Buffer) => {
        text = text.slice(-1000) + chunk.toString("utf8");
        const found = /listens on (http:\/\/\S+)/.exec(text)?.[1];
        if (found) resolve(found);
      });
      child.once("exit", () => reject(new Error(`Azurite did not start: ${text}`)));
    });
    return new Azurite(endpoint, child, folder);
  }

  container(name: string): ContainerClient {
    return BlobServiceClient.fromConnectionString(connectionString(this.endpoint)).getContainerClient(name);
  }

  /** A new container's address with all rights on its blobs. */
  async sasUrl(name: string): Promise<string> {
    const container = this.container(name);
    await container.createIfNotExists();
    const expiresOn = new Date(Date.now() + 3_600_000);
    return container.generateSasUrl({ permissions: ContainerSASPermissions.parse("racwdl"), expiresOn });
  }

  async stop(): Promise<void> {
    if (this.child.exitCode === null && this.child.signalCode === null) {
      const ended = once(this.child, "exit");
      this.child.kill("SIGKILL");
      await ended;
    }
    await rm(this.folder, { recursive: true, force: true });
  }
}

export interface FoundBlob {
  size: number;
  md5: string;
  type: string;
}

/** All blobs of a container, by name. */
export async function blobsOf(container: ContainerClient): Promise<Record<string, FoundBlob>> {
  const found: Record<string, FoundBlob> = {};
  for await (const { name, properties } of container.listBlobsFlat()) {
    found[name] = {
      size: properties.contentLength ?? 0,
      md5: Buffer.from(properties.contentMD5 ?? []).toString("base64"),
      type: properties.contentType ?? "",
    };
  }
  return found;
}
