import { composePicture } from "../../local/sample/picture";
import { seededRandom } from "../../local/sample/random";
import { TestCloud, versions, type ArmBody } from "../local/emulator/testCloud";

const images = 12;
const mlTable = "paths:\n  - file: ./annotations.jsonl\n";

/** A local cloud with a workspace, a cluster, and data that a trial can train on in a moment. */
export class TrainingCloud {
  private constructor(
    readonly cloud: TestCloud,
    readonly workspaceId: string,
    private readonly dataId: string,
  ) {}

  /** @param admin whether time and faults can be made by request */
  static async start(admin = false): Promise<TrainingCloud> {
    const cloud = await TestCloud.start(admin);
    const workspaceId = await cloud.workspace("mlw", await cloud.group("rg"));
    await cloud.put(`${workspaceId}/computes/gpu`, versions.ml, {
      location: "eastus2",
      properties: {
        computeType: "AmlCompute",
        properties: { vmSize: "Standard_NC4as_T4_v3", scaleSettings: { minNodeCount: 0, maxNodeCount: 4 } },
      },
    });
    return new TrainingCloud(cloud, workspaceId, await uploadData(cloud, workspaceId));
  }

  remove(): Promise<void> {
    return this.cloud.remove();
  }

  /** The body of a job of one trial of one epoch, with whatever is given in place of its parts. */
  body(taskDetails: Record<string, unknown> = {}): Record<string, unknown> {
    return {
      jobType: "AutoML",
      experimentName: "test",
      isArchived: false,
      tags: {},
      properties: {},
      outputs: {},
      computeId: `${this.workspaceId}/computes/gpu`,
      taskDetails: {
        taskType: "ImageObjectDetection",
        targetColumnName: "label",
        primaryMetric: "MeanAveragePrecision",
        trainingData: { jobInputType: "mltable", uri: this.dataId },
        validationData: { jobInputType: "mltable", uri: this.dataId },
        limitSettings: { timeout: "PT1H", maxTrials: 1, maxConcurrentTrials: 1 },
        modelSettings: { numberOfEpochs: 1, modelSize: "Small" },
        ...taskDetails,
      },
    };
  }

  /** Every job of the workspace, archived ones as well. */
  async jobs(): Promise<{ name: string; status: string; isArchived: boolean }[]> {
    const answer = await this.cloud.request(
      "GET",
      `${this.workspaceId}/jobs?api-version=${versions.ml}&listViewType=All`,
    );
    return (answer.body.value ?? []).map(({ name = "", properties = {} }: ArmBody) => ({
      name,
      status: String(properties.status),
      isArchived: properties.isArchived === true,
    }));
  }
}

async function uploadData(cloud: TestCloud, workspaceId: string): Promise<string> {
  const store = await cloud.arm("GET", `${workspaceId}/datastores/workspaceblobstore`, versions.ml);
  const { accountName, containerName } = store.body.properties as { accountName: string; containerName: string };
  const container = await cloud.container(accountName, containerName);
  const [, , subscription, , group, , , , workspace] = workspaceId.split("/");
  const base = `azureml://subscriptions/${subscription}/resourcegroups/${group}/workspaces/${workspace}/datastores/workspaceblobstore/paths/data/`;
  const put = (path: string, content: string | Uint8Array) =>
    container.getBlockBlobClient(`data/${path}`).uploadData(Buffer.from(content));
  const lines: string[] = [];
  for (let index = 0; index < images; index++) {
    const { jpeg, width, height, objects } = await composePicture(seededRandom(index + 1));
    await put(`${index}.jpg`, jpeg);
    const label = objects.map(({ box: [x, y, w, h] }) => ({
      label: "thing",
      topX: x / width,
      topY: y / height,
      bottomX: Math.min(1, (x + w) / width),
      bottomY: Math.min(1, (y + h) / height),
      isCrowd: 0,
    }));
    lines.push(JSON.stringify({ image_url: `${base}${index}.jpg`, label }));
  }
  await put("MLTable", mlTable);
  await put("annotations.jsonl", lines.join("\n"));
  const id = `${workspaceId}/data/pictures/versions/1`;
  await cloud.put(id, versions.ml, { properties: { dataType: "mltable", dataUri: base } });
  return id;
}
