import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { azureNativeFolder } from "../../../local/azureNative/plugin";

describe("the azure-native of the local stack", () => {
  let home: string;
  beforeEach(() => (home = mkdtempSync(join(tmpdir(), "plugins-"))));
  afterEach(() => rmSync(home, { recursive: true }));

  const install = (version: string) => {
    const folder = join(home, "plugins", `resource-azure-native-v${version}`);
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, "pulumi-resource-azure-native"), "");
    return folder;
  };
  const asked = () => azureNativeFolder({ PULUMI_HOME: home, LOCAL_AZURE_NATIVE: "plugin" });

  test("is the stand-in unless the plugin is asked for", () => {
    install("3.28.0");
    expect(azureNativeFolder({ PULUMI_HOME: home })).toMatch(/azureNative.bin$/);
  });

  test("is the plugin of the SDK's version, before newer and older ones", () => {
    const wanted = install("3.28.0");
    install("3.100.0");
    expect(asked()).toBe(wanted);
  });

  test("is the newest of the SDK's major version else", () => {
    install("3.9.0");
    const newest = install("3.100.0");
    install("4.0.0");
    expect(asked()).toBe(newest);
  });

  test("is refused with the way to install it when it is not there", () => {
    install("2.90.0");
    expect(asked).toThrow(/pulumi plugin install resource azure-native 3\.28\.0/);
  });

  test("is refused for another word", () => {
    expect(() => azureNativeFolder({ LOCAL_AZURE_NATIVE: "real" })).toThrow(/allowed are stand-in .* and plugin/);
  });
});
