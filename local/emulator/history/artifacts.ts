import { ArmError, type BlobRights, type Cloud } from "../contracts";
import { urlBySuffix } from "../metadata";

interface Artifact {
  artifactId: string;
  origin: string;
  container: string;
  path: string;
  dataPath: { dataStoreName: string; relativePath: string };
}

const datastoreName = "workspaceartifactstore";

/** Files of a run, or of another container of artifacts, in the workspace's artifact store. */
export class RunArtifacts {
  private readonly folder: string;
  private readonly store: { account: string; container: string };

  constructor(
    private readonly cloud: Cloud,
    workspaceId: string,
    private readonly origin: string,
    private readonly container: string,
  ) {
    this.folder = `${checkedPath(origin)}/${checkedPath(container)}`;
    const datastore = cloud.resources.get(`${workspaceId}/datastores/${datastoreName}`);
    if (!datastore) throw new ArmError(404, "UserError", `The workspace has no ${datastoreName}.`);
    const { accountName, containerName } = datastore.properties;
    this.store = { account: String(accountName), container: String(containerName) };
  }

  /** All files below a folder. */
  async list(folder: string): Promise<Artifact[]> {
    const prefix = `${[this.folder, folder && checkedPath(folder)].filter(Boolean).join("/")}/`;
    const found: Artifact[] = [];
    for await (const { name } of this.blobs.listBlobsFlat({ prefix }))
      found.push(this.artifact(name.slice(this.folder.length + 1)));
    return found;
  }

  /** @throws ArmError when there is no such file */
  async metadata(path: string): Promise<Artifact> {
    const blob = this.blobs.getBlobClient(this.blobName(path));
    if (await blob.exists()) return this.artifact(path);
    throw new ArmError(404, "UserError", `The artifact '${path}' of ${this.folder} was not found.`);
  }

  /** Where a file that is there can be read without a token. */
  async content(path: string, rights: BlobRights) {
    await this.metadata(path);
    return this.contentOf(path, rights);
  }

  /** Where files that are not there yet can be written without a token. */
  async begin(paths: readonly string[]) {
    const contents = await Promise.all(paths.map(async (path) => [path, await this.contentOf(path, "w")] as const));
    return {
      artifacts: Object.fromEntries(paths.map((path) => [path, this.artifact(path)])),
      artifactContentInformation: Object.fromEntries(contents),
      errors: {},
    };
  }

  address(path: string): Promise<string> {
    return this.cloud.signedUrl(this.store.account, this.store.container, this.blobName(path), "r");
  }

  private get blobs() {
    return this.cloud.container(this.store.account, this.store.container);
  }

  private async contentOf(path: string, rights: BlobRights) {
    const { account, container } = this.store;
    const url = await this.cloud.signedUrl(account, container, this.blobName(path), rights);
    const { origin, container: artifactContainer } = this;
    return { contentUri: urlBySuffix(url, account), origin, container: artifactContainer, path };
  }

  private blobName(path: string): string {
    return `${this.folder}/${checkedPath(path)}`;
  }

  private artifact(path: string): Artifact {
    const { origin, container } = this;
    const relativePath = `${this.folder}/${path}`;
    return {
      artifactId: relativePath,
      origin,
      container,
      path,
      dataPath: { dataStoreName: datastoreName, relativePath },
    };
  }
}

/** @throws ArmError for a path that leads out of its folder */
function checkedPath(path: string): string {
  const segments = path.split("/").filter(Boolean);
  if (segments.length > 0 && !segments.some((segment) => /^\.{1,2}$/.test(segment))) return segments.join("/");
  throw new ArmError(400, "UserError", `'${path}' is no path of an artifact.`);
}
