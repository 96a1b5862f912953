import type { ContainerClient } from "@azure/storage-blob";
import type { ArmClient } from "./arm";
import { openDatastore, parseDatastorePath } from "./datastores";

/** Opens the files that image_url of a table's lines names; each datastore is looked up once. */
export class PictureFiles {
  private readonly stores = new Map<string, Promise<ContainerClient>>();

  constructor(private readonly arm: ArmClient) {}

  /** @throws Error when it is not in a datastore or cannot be read */
  async read(url: string): Promise<Buffer> {
    const place = parseDatastorePath(url);
    if (!place) throw new Error(`"${url}" is not in a datastore`);
    const key = `${place.workspaceId}/${place.datastore}`;
    let store = this.stores.get(key);
    if (!store) this.stores.set(key, (store = openDatastore(this.arm, place.workspaceId, place.datastore)));
    return (await store).getBlobClient(decodeURIComponent(place.path)).downloadToBuffer();
  }
}
