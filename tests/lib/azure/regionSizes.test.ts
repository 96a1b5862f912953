import { spawnSync } from "node:child_process";
import { typescriptOptions } from "../../../lib/typescript";
import { cloudEnvironment, withoutAzure } from "../../../local/environment";
import { TestCloud } from "../../local/emulator/testCloud";

/** As a preview asks for them: in a process of its own. */
describe("the sizes of a region", () => {
  let cloud: TestCloud;
  beforeAll(async () => (cloud = await TestCloud.start()));
  afterAll(() => cloud.remove());

  const ask = (environment: NodeJS.ProcessEnv, ...args: string[]) =>
    spawnSync(process.execPath, [...typescriptOptions, "lib/azure/regionSizesMain.ts", ...args], {
      encoding: "utf8",
      env: { ...withoutAzure(process.env), ...environment },
    });

  test.each([[["eastus2"]], [["eastus2", "SUBSCRIPTION"]]])(
    "%p are those with GPUs that are not retired, the smaller first",
    (args) => {
      const { stdout } = ask(
        cloudEnvironment(cloud.record),
        ...args.map((arg) => (arg === "SUBSCRIPTION" ? cloud.record.subscriptionId : arg)),
      );
      const sizes = JSON.parse(stdout) as { name: string; gpus: number; memoryGiB: number }[];
      expect(sizes[0]).toEqual({ name: "Standard_NC4as_T4_v3", cores: 4, memoryGiB: 28, gpus: 1 });
      expect(sizes.every(({ gpus }, index) => gpus >= (sizes[index - 1]?.gpus ?? 1))).toBe(true);
      expect(sizes.map(({ name }) => name)).not.toContain("Standard_NC6s_v3");
    },
  );

  test("are none where nobody answers", () => {
    const { status, stdout } = ask(
      { ...cloudEnvironment(cloud.record), ARM_CLOUD_METADATA_URL: "https://localhost:1/x" },
      "eastus2",
    );
    expect([status, stdout]).toEqual([1, ""]);
  });
});
