import type { ContainerClient } from "@azure/storage-blob";
import { formatDatastorePath } from "../../lib/azure/datastores";
import { listTasks } from "../../lib/labeling/api";
import type { Task } from "../../lib/labeling/wire";
import { toRegion, type Region, type ShareBox } from "../../lib/labeling/regions";
import { TestCloud, versions } from "../local/emulator/testCloud";
import { call, type Outcome } from "../providers/driver";
import { RealStudio } from "./realStudio";

/** Pixels of the images that the tests speak of. */
export const image = { width: 100, height: 80 };

/** A local cloud with a workspace and a container of images, and a real Label Studio beside it. */
export class LabelingCloud {
  private readonly environment = { ...process.env };

  private constructor(
    readonly cloud: TestCloud,
    readonly studio: RealStudio,
    readonly workspaceId: string,
    readonly container: ContainerClient,
  ) {}

  /**
   * Both are in the environment of this process from then on.
   * @param admin whether faults of the cloud can be made by request
   */
  static async start(admin = false): Promise<LabelingCloud> {
    const cloud = await TestCloud.start(admin);
    const studio = await RealStudio.start(cloud.record);
    const workspaceId = await cloud.workspace("labels", await cloud.group());
    const account = `${cloud.subscription}/resourceGroups/rg/providers/Microsoft.Storage/storageAccounts/labelsst`;
    await cloud.put(`${account}/blobServices/default/containers/pictures`, versions.storage, { properties: {} });
    const credentials = { credentialsType: "None" };
    await cloud.put(`${workspaceId}/datastores/pictures`, versions.ml, {
      properties: { datastoreType: "AzureBlob", accountName: "labelsst", containerName: "pictures", credentials },
    });
    const made = new LabelingCloud(cloud, studio, workspaceId, await cloud.container("labelsst", "pictures"));
    Object.assign(process.env, studio.environment);
    return made;
  }

  async remove(): Promise<void> {
    process.env = this.environment;
    await this.studio.remove();
    await this.cloud.remove();
  }

  put(path: string, content: string | Buffer = path) {
    return this.container.getBlockBlobClient(path).upload(content, Buffer.byteLength(content));
  }

  async putMany(folder: string, count: number, content?: Buffer): Promise<void> {
    const names = Array.from({ length: count }, (_, index) => `${folder}/${index}.jpg`);
    for (let at = 0; at < names.length; at += 32)
      await Promise.all(names.slice(at, at + 32).map((name) => this.put(name, content)));
  }

  /** Registers a folder as a data asset, and answers what a program would give each of the resources. */
  async args(folder: string, more: object = {}) {
    const { workspaceId, studio } = this;
    const dataId = `${workspaceId}/data/${folder}/versions/1`;
    const dataUri = formatDatastorePath({ workspaceId, datastore: "pictures", path: `${folder}/` });
    await this.cloud.put(dataId, versions.ml, { properties: { dataType: "uri_folder", dataUri } });
    return {
      url: studio.environment.LABEL_STUDIO_URL,
      imagesUrl: studio.environment.LABELING_IMAGES_URL,
      ...{ workspaceId, dataId, name: folder, title: folder.padEnd(3, "-"), labels: ["person", "food"] },
      ...{ renameLabels: {}, labelers: [] as string[], reviewers: [] as string[] },
      instructions: { text: "Draw <boxes>.", url: "https://example.com/?a=1&b=2" },
      ...{ incrementalRefresh: true, deleteAnnotations: false, ...more },
    };
  }

  lifecycle<State>(folder: string, method: string, ...all: unknown[]): Promise<Outcome<State>> {
    return call<State>(this.cloud.record, folder, method, ...all);
  }

  async checked<State>(folder: string, inputs: object, olds: object = {}) {
    const { answer, thrown, printed } = await this.lifecycle<State>(folder, "check", olds, inputs);
    if (thrown) throw new Error(thrown.message);
    const { failures, inputs: full } = answer as unknown as { inputs: State; failures: { reason: string }[] };
    return { inputs: full, failures, printed };
  }

  async create<State>(folder: string, inputs: object): Promise<State> {
    const full = (await this.checked<State>(folder, inputs)).inputs;
    const { answer, thrown } = await this.lifecycle<State>(folder, "create", full);
    if (!answer) throw new Error(thrown?.message);
    return answer.outs;
  }

  async tasks(projectId: number): Promise<Task[]> {
    const found: Task[] = [];
    for await (const task of listTasks(this.studio.client, projectId)) found.push(task);
    return found;
  }
}

/** Draws boxes, or whatever else is given, as the person whose client it is. */
export function annotate(
  client: RealStudio["client"],
  task: number,
  drawn: readonly (ShareBox | Region)[],
  more: object = {},
): Promise<unknown> {
  const result = drawn.map((one) => ("value" in one ? one : toRegion(one, image)));
  return client.post(`/api/tasks/${task}/annotations/`, { result, ...more }, false);
}
