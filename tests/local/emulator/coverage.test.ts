import type { CoverageRow } from "../../../local/emulator/coverage";
import { TestCloud, versions } from "./testCloud";

describe("the table of coverage", () => {
  let cloud: TestCloud;
  let rows: CoverageRow[];
  let workspace: string;
  beforeAll(async () => {
    cloud = await TestCloud.start();
    workspace = await cloud.workspace("mlw", await cloud.group("rg"));
    rows = (await cloud.request("GET", "/coverage", { token: "" })).body.value as unknown as CoverageRow[];
  }, 60_000);
  afterAll(() => cloud.remove());

  test("has every operation once, with a gap where it is partial", () => {
    const names = rows.map(({ subject, operation }) => `${subject} ${operation}`);
    expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
    expect(rows.filter(({ state, gap }) => (state === "partial") !== (state === "partial" && Boolean(gap)))).toEqual(
      [],
    );
    for (const name of ["Microsoft.Storage/storageAccounts PUT", "Scoring POST /endpoints/{endpoint}/score"])
      expect(names).toContain(name);
  });

  test("what it calls refused on a type is answered with 501", async () => {
    const refused = rows.filter(({ state, subject }) => state === "refused" && subject.startsWith("Microsoft."));
    expect(refused.length).toBeGreaterThan(10);
    for (const { subject, operation } of refused) {
      const [method = "", name = ""] = operation.split(" ");
      const [namespace = "", ...types] = subject.split("/");
      const id =
        subject === "Microsoft.Resources/resourceGroups"
          ? `${cloud.subscription}/resourceGroups/rg`
          : `${cloud.subscription}/resourceGroups/rg/providers/${namespace}${types.map((type) => `/${type}/default`).join("")}`;
      const path = method === "POST" ? `${id}/${name}` : `${id}/${name}/one`;
      const answer = await cloud.arm(method, path, versions.ml, {});
      const code = answer.body.error?.code;
      // Types of other providers have other api-versions.
      if (code !== "NoRegisteredProviderFound") expect([path, answer.status]).toEqual([path, 501]);
    }
  }, 30_000);

  test.each([
    ["POST", "/diagnose"],
    ["POST", "/listNotebookKeys"],
    ["GET", "/connections/one"],
    ["PUT", "/connections/one"],
    ["GET", "/serverlessEndpoints/one"],
    ["GET", "/computes/gpu/nodes"],
  ])("%s of a workspace's %s is no false success", async (method, path) => {
    const answer = await cloud.arm(method, `${workspace}${path}`, versions.ml, method === "GET" ? undefined : {});
    expect([answer.status, answer.body.error?.code]).toEqual([501, "NotImplemented"]);
  });

  test("a compute of a kind that does not run here is no false success", async () => {
    const body = {
      location: "eastus2",
      properties: { computeType: "ComputeInstance", properties: { vmSize: "Standard_D2s_v3" } },
    };
    expect((await cloud.arm("PUT", `${workspace}/computes/one`, versions.ml, body)).status).toBe(501);
  });

  test.each([
    [versions.groups, "", "LocationNotAvailableForResourceGroup"],
    [
      "2023-01-31",
      "/providers/Microsoft.ManagedIdentity/userAssignedIdentities/mi-1",
      "LocationNotAvailableForResourceType",
    ],
  ])("a region that there is not is refused (%s)", async (version, path, code) => {
    const answer = await cloud.arm("PUT", `${cloud.subscription}/resourceGroups/rg${path}`, version, {
      location: "atlantis",
    });
    expect([answer.status, answer.body.error?.code, answer.body.error?.target]).toEqual([400, code, "location"]);
  });

  test("a region may be spelled as people do", async () => {
    const id = `${cloud.subscription}/resourceGroups/spelled`;
    expect((await cloud.put(id, versions.groups, { location: "East US 2" })).location).toBe("eastus2");
  });
});
