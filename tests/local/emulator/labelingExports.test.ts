import { kill, ownProcesses } from "../../e2e/processes";
import { TestCloud, until, versions, type ArmAnswer } from "./testCloud";

const labeling = "2024-01-01-preview";

/** A kill -9 of the cloud while it exports a labeling project of Azure ML's own service. */
describe("an export of a labeling project", () => {
  let cloud: TestCloud;
  let workspace: string;
  let project: string;
  beforeAll(async () => {
    cloud = await TestCloud.start();
    workspace = await cloud.workspace("labels", await cloud.group());
    project = `${workspace}/labelingJobs/project`;
    const dataUri = "azureml://datastores/workspaceblobstore/paths/images/";
    const dataId = `${workspace}/data/images/versions/1`;
    await cloud.put(dataId, versions.ml, { properties: { dataType: "uri_folder", dataUri } });
    await cloud.put(project, labeling, {
      properties: {
        jobType: "Labeling",
        dataConfiguration: { dataId, incrementalDataRefresh: "Disabled" },
        labelingJobMediaProperties: { mediaType: "Image", annotationType: "BoundingBox" },
      },
    });
  }, 60_000);
  afterAll(() => cloud.remove());

  const begin = async (format: string) => {
    const { status, headers } = await cloud.arm("POST", `${project}/exportLabels`, labeling, { format });
    expect(status).toBe(202);
    return headers.get("location") ?? "";
  };
  const ended = async (location: string) => {
    let answer: ArmAnswer | undefined;
    await until(async () => (answer = await cloud.request("GET", location)).status !== 202);
    return answer!;
  };

  test("that the cloud was killed in ends after its restart, with what it exports there once", async () => {
    // Storage that does not answer keeps them in the middle.
    const storage = ownProcesses(/azurite.*BlobServer/);
    expect(storage).toHaveLength(1);
    for (const pid of storage) process.kill(pid, "SIGSTOP");
    const locations = [await begin("Coco"), await begin("CSV"), await begin("Dataset")];
    for (const location of locations) expect((await cloud.request("GET", location)).status).toBe(202);
    const killed = cloud.killAndRestart();
    storage.forEach(kill);
    await killed;

    for (const [index, format] of ["Coco", "CSV"].entries()) {
      const { status, body } = await ended(locations[index]);
      const { containerName = "", snapshotPath = "", ...summary } = body as unknown as Record<string, string>;
      expect([status, summary]).toMatchObject([200, { format, labelingJobId: project }]);
      const blob = (await cloud.container("labelsst", containerName)).getBlobClient(snapshotPath);
      expect((await blob.downloadToBuffer()).toString()).toContain(format === "Coco" ? '"images"' : "Url,Label");
    }
    const { status, body } = await ended(locations[2]);
    const { labeledAssetName } = body as unknown as { labeledAssetName: string };
    expect(status).toBe(200);
    const { value } = (await cloud.arm("GET", `${workspace}/data/${labeledAssetName}/versions`, versions.ml)).body;
    expect(value?.map(({ name }) => name)).toEqual(["1"]);
  }, 60_000);
});
