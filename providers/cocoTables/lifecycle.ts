import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { ArmClient } from "../../lib/azure/arm";
import { openContainer } from "../../lib/azure/blobs";
import { uploadFolder } from "../../lib/azure/upload";
import { convertAnnotations, readClassMap, tablesVersion, warningsOf } from "../../lib/coco";
import { describeChange } from "../../lib/tables/change";
import { judgeSize } from "../../lib/tables/size";
import { containsUnknown, defineLifecycle, unknownValue } from "../lifecycle";
import type { CocoTablesReport } from "./resource";

interface Inputs {
  storageAccountId: string;
  container: string;
  prefix: string;
  annotations: string;
  imagesFolder?: string;
  imageUrlPrefix: string;
  imagesFingerprint: string;
  classesFrom: "name" | "supercategory";
  classMap?: string;
  validationFraction: number;
  splitSeed: number;
  version: string;
  trainingPath: string;
  validationPath: string;
  report: CocoTablesReport;
}

/** Runs the conversion in a temporary folder and hands that to `use`. */
async function converting<R>(
  inputs: Inputs,
  use: (folder: string, report: CocoTablesReport, warnings: string[]) => Promise<R>,
): Promise<R> {
  const temporary = await mkdtemp(join(tmpdir(), "coco-tables-"));
  try {
    const out = join(temporary, "tables");
    const {
      annotations,
      imagesFolder,
      imageUrlPrefix,
      classesFrom,
      classMap,
      validationFraction,
      splitSeed: seed,
    } = inputs;
    const choice = classMap ? { classMap: await readClassMap(classMap) } : { classesFrom };
    const report = await convertAnnotations({
      ...{ annotations, imagesFolder, imageUrlPrefix, out },
      ...{ classes: choice, validationFraction, seed },
    });
    const classes = choice.classMap ? `${basename(choice.classMap.file)} ${choice.classMap.hash}` : classesFrom;
    const { images, boxes, labels } = report;
    return await use(out, { images, boxes, labels, classes }, warningsOf(report, annotations));
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}

async function upload(inputs: Inputs): Promise<void> {
  await converting(inputs, async (folder, report) => {
    const container = await openContainer(await ArmClient.connect(), inputs.storageAccountId, inputs.container);
    const prefix = `${inputs.prefix}/${inputs.version}/`;
    await uploadFolder({ container, folder, property: "annotations", prefix, waitForRights: true });
    const counts = Object.entries(report.labels).map(([label, count]) => `${count} ${label}`);
    console.log(`Tables ${inputs.version}: ${report.images} images, ${report.boxes} boxes (${counts.join(", ")})`);
  });
}

export const lifecycle = defineLifecycle<Inputs, Inputs>({
  replaceOn: ["storageAccountId", "container", "prefix"],
  // The tables' own content is in the version.
  ignoreChangesOf: [
    "annotations",
    "imagesFolder",
    "imagesFingerprint",
    "classesFrom",
    "classMap",
    "validationFraction",
    "splitSeed",
  ],

  /**
   * The version is made of the tables' content with plain file names, and of the pictures: the same data has the same
   * version in every workspace. So the conversion runs here, and the preview can tell what is new.
   */
  async check(inputs) {
    // Only downloaded by `up`.
    if (containsUnknown(inputs.annotations)) {
      const later = { version: unknownValue, trainingPath: unknownValue, validationPath: unknownValue };
      return { inputs: { ...inputs, ...later, report: unknownValue as unknown as CocoTablesReport } };
    }
    const { version, report, warnings } = await converting(
      { ...inputs, imageUrlPrefix: "" },
      async (folder, found, told) => ({
        version: await tablesVersion(inputs.imagesFingerprint, folder),
        report: found,
        warnings: told,
      }),
    );
    const known = containsUnknown(inputs.imagesFingerprint) ? unknownValue : version;
    const path = (part: string) => (known === unknownValue ? unknownValue : `${inputs.prefix}/${known}/${part}/`);
    const size = judgeSize(inputs.annotations, report);
    for (const warning of [...warnings, ...size.warnings]) console.log(`warning: ${warning}`);
    return {
      failures: size.problems.map((reason) => ({ property: "annotations", reason })),
      inputs: { ...inputs, version: known, trainingPath: path("train"), validationPath: path("validation"), report },
    };
  },

  explain: describeChange,

  async create(inputs) {
    await upload(inputs);
    return { id: `${inputs.container}/${inputs.prefix}`, outputs: inputs };
  },

  async read(_id, state) {
    const container = await openContainer(await ArmClient.connect(), state.storageAccountId, state.container);
    const table = container.getBlobClient(`${state.prefix}/${state.version}/train/MLTable`);
    return (await table.exists()) ? state : undefined;
  },

  async update(_id, inputs) {
    await upload(inputs);
    return inputs;
  },

  // Jobs and models go on referring to old tables.
  async delete() {},
});
