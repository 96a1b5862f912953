import { installedPlugin } from "../../local/azureNative/plugin";
import { finished, LocalProject } from "./local";

const plugin = installedPlugin(process.env);
const whenInstalled = plugin ? test : test.skip;
const note = plugin ? "" : " (left out: the azure-native plugin is not installed here)";

/** The program on the real plugin instead of its stand-in, against the same local cloud. */
describe(`LOCAL_AZURE_NATIVE=plugin${note}`, () => {
  let project: LocalProject;
  beforeAll(async () => {
    if (!plugin) console.warn("left out: npm run up:local on the azure-native plugin, which is not installed here");
    project = await LocalProject.create();
  });
  afterAll(() => project.remove());

  const runWithPlugin = (...args: string[]) => finished(project.start(args, { LOCAL_AZURE_NATIVE: "plugin" }));

  whenInstalled(
    "up:local ends with an answering detector, and a second one changes nothing",
    async () => {
      const first = await runWithPlugin("up-all");
      expect(first.output).toContain("Champion");
      expect(first.status).toBe(0);
      const second = await runWithPlugin("up-all");
      expect(second.output).toContain("Changes      none");
    },
    600_000,
  );

  (plugin ? test.skip : test)(
    "is refused with the way to install it",
    async () => {
      const { status, output } = await runWithPlugin("pulumi", "preview");
      expect(output).toContain("pulumi plugin install resource azure-native");
      expect(status).toBe(1);
    },
    120_000,
  );
});
