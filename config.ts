import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import { combineProblems } from "./lib/errors";
import { count, fraction, nameOf, positive, share, text } from "./lib/configValues";
import { tagsSchema } from "./lib/azure/tags";
import {
  encryptionSchema,
  existingSchema,
  monitoringSchema,
  networkSchema,
  protectionSchema,
  scheduleSchema,
} from "./lib/environment/config";
import { labelingSchema } from "./lib/labeling/config";
import { didYouMean } from "./lib/nearestName";
import { registrySchema } from "./lib/promotion/config";
import { servingSchema } from "./lib/serving/config";

const version = text("a version of the model");

/** The rule that a key of data must be there unless it comes from elsewhere; told beside all other mistakes. */
function localFile(key: "images" | "annotations") {
  const isThere = (data: unknown) => {
    const { source, [key]: value } = (data ?? {}) as Record<string, unknown>;
    return value !== undefined || source === "coco2017";
  };
  const message = 'it is required, or set data.source to "coco2017"';
  const rule: Parameters<z.ZodUnknown["refine"]>[1] = { path: [key], message, when: () => true };
  return [isThere, rule] as const;
}

/** Of a configuration that may have other mistakes. */
function sourceOf(config: unknown): string {
  return (config as { model?: { source?: string } }).model?.source ?? "train";
}

function registryOf(config: unknown): { stack?: string } | undefined {
  return (config as { model?: { registry?: { stack?: string } } }).model?.registry;
}

/** The stack's configuration. Every key is optional unless it says "required"; unknown keys are refused. */
export const schema = z
  .strictObject({
    /** Stem of all names that are not given one by one: 2 to 10 characters of [a-z0-9], beginning with a letter. */
    name: z
      .string()
      .regex(/^[a-z][a-z0-9]{1,9}$/, "2 to 10 characters of [a-z0-9], beginning with a letter")
      .default("objdet"),
    /** Azure region of everything. */
    location: z.string().min(1).default("eastus2"),
    /**
     * Tags of every resource that takes tags, beside `application` and `stack`, which can be given here as well.
     * @example {"costCenter": "4711"}
     */
    tags: tagsSchema.default({}),
    /** What to do where Azure no longer runs a configured size. */
    onRetiredSize: z.enum(["replace", "fail", "keep"]).default("replace"),
    /**
     * What becomes of the deleted workspace and vault, which Azure keeps for days and whose names it blocks so long: they stay
     * recoverable, or their names are free for the next `up`.
     */
    onDestroy: z.enum(["keep", "purge"]).default("keep"),
    /** How the stack is reached, and what its machines reach. */
    network: networkSchema.prefault({}),
    /** A key of one's own in place of Microsoft's, for storage, registry and workspace. Azure takes none away again. */
    encryption: encryptionSchema.optional(),
    /** What is watched, and who is told. */
    monitoring: monitoringSchema.prefault({}),
    /** What keeps data from being lost. */
    protection: protectionSchema.prefault({}),
    /** What is there already, by its ARM id; it is neither changed nor deleted. */
    existing: existingSchema.prefault({}),
    /** Images, annotations, and the data assets that are made of them. */
    data: z
      .strictObject({
        /** Where images and annotations come from: local files, or the official downloads of COCO 2017. */
        source: z.enum(["folder", "coco2017"]).default("folder"),
        /**
         * Required with source "folder": local folder with the images.
         * @example data/train2017
         */
        images: z.string().min(1).optional(),
        /**
         * Required with source "folder": local COCO instances file.
         * @example data/annotations/instances_train2017.json
         */
        annotations: z.string().min(1).optional(),
        /** With source "coco2017". */
        coco2017: z
          .strictObject({
            /** Which images, with their annotations. */
            part: z.enum(["train2017", "val2017"]).default("train2017"),
            /** Address of the official server, or of a mirror with the same paths. */
            baseUrl: z.url({ protocol: /^https?$/ }).default("http://images.cocodataset.org"),
            /** Local folder of the downloads. Once the images are uploaded, their zip is not needed any more. */
            cacheFolder: z.string().min(1).default("data/coco2017"),
          })
          .prefault({}),
        /** Removes images from the container that have no local file any more; source "folder" only. */
        removeExtra: z.boolean().default(false),
        /** What becomes of a version of the data assets that a newer one replaces. */
        oldVersions: z.enum(["keep", "archive"]).default("keep"),
        /** Name of the datastore, of the container and of the image data asset. */
        name: z
          .string()
          .regex(/^[a-z0-9][a-z0-9-]{2,49}$/, "3 to 50 characters of [a-z0-9-]")
          .default("cocotrain2017"),
        /** Folder of the images in the container. */
        imagesPrefix: z.string().min(1).default("train2017"),
        /** A box's label: the name of its category, or its supercategory, of which person, food and animal are kept. */
        classesFrom: z.enum(["name", "supercategory"]).default("name"),
        /**
         * YAML file that says which categories make which labels, instead of classesFrom; see `data:convert -- --help`.
         * @example classes.yml
         */
        classMap: z.string().min(1).optional(),
        /** Share of the images that validates. */
        validationFraction: fraction.default(0.2),
        /** Seed of the split into training and validation. */
        splitSeed: z.number().int().min(0).default(7),
      })
      .refine(({ classesFrom, classMap }) => classMap === undefined || classesFrom === "name", {
        path: ["classMap"],
        message: "it takes the place of data.classesFrom; remove one of the two",
      })
      .refine(...localFile("images"))
      .refine(...localFile("annotations")),
    /** The training cluster. */
    compute: z
      .strictObject({
        /** Name in the workspace, which job files use as `compute: azureml:NAME`. */
        name: nameOf("trainingCluster").default("gpu-cluster"),
        /** Size of the nodes. */
        vmSize: z.string().min(1).default("STANDARD_NC6s_V3"),
        /** Nodes that are kept while there is nothing to do. */
        minNodes: z.number().int().min(0).default(0),
        /** Nodes at most; each runs one trial at a time. */
        maxNodes: count.default(4),
        /** Seconds that a node may idle before it is released. */
        idleSeconds: count.default(120),
        /**
         * USD of a node and hour, for cost figures; the list price where this is not given.
         * @example 3.1
         */
        pricePerHour: positive.optional(),
        /** Takes over the cluster of that name instead of making it. */
        existing: z.boolean().default(false),
      })
      .prefault({}),
    /** The labeling project. */
    labeling: labelingSchema.prefault({}),
    /** The training jobs, and how `up` waits for them. */
    training: z
      .strictObject({
        /** Job files, Azure ML CLI v2 YAML, relative to the program. The champion is chosen among all of them. */
        jobs: z.array(z.string().min(1)).min(1).default(["jobs/yolov5.yml", "jobs/sweep.yml"]),
        /**
         * What the job files mean by the training and validation data of the stack: those of data.annotations, or the last
         * export of what people have labeled in Label Studio.
         */
        data: z.enum(["coco", "labeling"]).default("coco"),
        /** How long `up` waits for one job. */
        deadlineMinutes: positive.default(720),
        /** False returns after the submission; the next `up` picks the result up. */
        wait: z.boolean().default(true),
        /** What a second Ctrl-C does with a running job. */
        onInterrupt: z.enum(["detach", "cancel"]).default("detach"),
        /** Whether `up` submits a job again that ended as Failed or Canceled. */
        onFailure: z.enum(["resubmit", "keep"]).default("resubmit"),
        /** What becomes of a job on destroy, or when another one takes its place. */
        onDestroy: z.enum(["archive", "delete"]).default("archive"),
        /** How often one `up` submits a job again after its node was taken away. */
        preemptionRetries: z.number().int().min(0).max(20).default(2),
        /**
         * Another value trains again although nothing else changed.
         * @example 2026-05-01
         */
        forceToken: text("any text").default(""),
        /** Jobs that Azure ML submits by itself; their models meet the gate in the next `up`. None unless given. */
        schedule: scheduleSchema.optional(),
      })
      .prefault({}),
    /** The registered model, and the gate that a candidate has to pass. */
    model: z
      .strictObject({
        /**
         * Where the model comes from: `train` trains it here; `stack:ORG/PROJECT/STACK` takes the champion of another stack,
         * `registry` the one that another stack has shared through model.registry, copies it and trains nothing. ORG is
         * `organization` where the state is in a container or in files.
         * @example stack:organization/azure-ml-object-detection/staging
         */
        source: z
          .string()
          .regex(/^(train|registry|stack:[^/\s]+\/[^/\s]+\/[^/\s]+)$/, "train, registry, or stack:ORG/PROJECT/STACK")
          .default("train"),
        /** Where champions are shared between stacks that need not know each other's state. */
        registry: registrySchema.optional(),
        /**
         * Object ids of the identities that may read the registered models with their files: those that deploy the stacks which
         * take the champion from this one.
         * @example ["00000000-0000-0000-0000-000000000002"]
         */
        readers: z.array(z.guid("an object id (a GUID)")).default([]),
        /** Name of the registered model. */
        name: z.string().min(1).default("automl-image-detector"),
        /** What is registered: the weights outputs/model.pt, which the endpoint serves, or the folder outputs/mlflow-model. */
        type: z.enum(["custom_model", "mlflow_model"]).default("custom_model"),
        /** A candidate below this primary metric is never promoted. */
        minimumMetric: share.default(0.1),
        /** A candidate must beat the champion by more than this. */
        minimumDelta: share.default(0),
        /** Least average precision of every label, or of the labels given; 0 is no floor. */
        perClassMinimum: z
          .union([share, z.record(z.string().min(1), share)], 'a number from 0 to 1, or one a label: {"person": 0.3}')
          .default(0),
        /** Fewest validation images that make a figure worth something; 0 is no rule. */
        minimumImages: z.number().int().min(0).default(0),
        /**
         * When the champion was measured on other validation data, its figure cannot be compared: "absolute" lets the rules
         * that need no comparison decide, "hold" waits for an approval.
         */
        onNewData: z.enum(["absolute", "hold"]).default("absolute"),
        /** "required" registers a candidate that passes, and waits until it is approved. */
        approval: z.enum(["none", "required"]).default("none"),
        /**
         * The one candidate that may pass: the version that the decision names, or the run that trained it.
         * @example 4
         */
        approved: version.default(""),
        /**
         * Version that serves, whatever the candidates are, until this is removed.
         * @example 3
         */
        rollbackTo: version.default(""),
      })
      .prefault({}),
    /** What the stack tells other teams; see contract/. */
    contract: z
      .strictObject({
        /** Writes the stack's output to a blob, for consumers without access to the stack's state. */
        publish: z.boolean().default(true),
        /** Container of that blob alone. */
        container: z
          .string()
          .regex(/^[a-z0-9](-?[a-z0-9]){2,62}$/, "3 to 63 characters of [a-z0-9-], no two hyphens in a row")
          .default("platform"),
        /**
         * Object ids of the managed identities and service principals that may read the blob.
         * @example ["00000000-0000-0000-0000-000000000001"]
         */
        readers: z.array(z.guid("an object id (a GUID)")).default([]),
      })
      .prefault({}),
    /** Prices for the cost figures of pull requests. */
    prices: z
      .strictObject({
        /** `list` asks Azure's public price list, and takes the built-in table where it does not answer; `table` asks nobody. */
        source: z.enum(["list", "table"]).default("list"),
        /**
         * USD of a node and hour by size, in place of the list price.
         * @example {"Standard_NC24ads_A100_v4": 3.1}
         */
        perHour: z.record(z.string().min(1), positive).default({}),
      })
      .prefault({}),
    /** The inference cluster and the endpoint on it. */
    serving: servingSchema.prefault({}),
  })
  .refine(
    (config) => {
      const { serving, model } = config as { serving?: { scoring?: string }; model?: { type?: string } };
      return serving?.scoring !== "mlflow" || model?.type === "mlflow_model";
    },
    {
      path: ["serving", "scoring"],
      message: 'an MLflow model is needed for it: set model.type to "mlflow_model"',
      when: () => true,
    },
  )
  .refine(
    (config) => {
      const { training } = config as { training?: { schedule?: object } };
      return training?.schedule === undefined || sourceOf(config) === "train";
    },
    {
      path: ["training", "schedule"],
      message: 'the model comes from another stack (model.source); remove the schedule, or set model.source to "train"',
      when: () => true,
    },
  )
  .refine((config) => sourceOf(config) !== "registry" || registryOf(config) !== undefined, {
    path: ["model", "registry", "id"],
    message: 'it is required with model.source "registry": the ARM id of the registry that the champion is taken from',
    when: () => true,
  })
  .refine((config) => sourceOf(config) !== "registry" || registryOf(config)?.stack !== undefined, {
    path: ["model", "registry", "stack"],
    message: 'it is required with model.source "registry": the stack whose champion is taken, beside model.registry.id',
    when: () => true,
  })
  .refine((config) => sourceOf(config) === "registry" || registryOf(config)?.stack === undefined, {
    path: ["model", "registry", "stack"],
    message: 'only model.source "registry" takes a champion from there: set that, or remove this key',
    when: () => true,
  })
  .refine(
    (config) => {
      const { network, serving } = config as { network?: { access?: string }; serving?: { kind?: string } };
      return network?.access !== "private" || serving?.kind === "managed";
    },
    {
      path: ["network", "access"],
      message: 'private access is for managed endpoints alone: set serving.kind to "managed"',
      when: () => true,
    },
  )
  .refine(
    (config) => {
      const { network, labeling } = config as {
        network?: { access?: string; subnetId?: string };
        labeling?: { host?: string; azure?: { subnetId?: string } };
      };
      const isAdopted = network?.access === "private" && network.subnetId !== undefined;
      return labeling?.host !== "azure" || isAdopted === (labeling.azure?.subnetId !== undefined);
    },
    {
      path: ["labeling", "azure", "subnetId"],
      message: "it goes with network.subnetId, which makes it necessary: give both, or none of them",
      when: () => true,
    },
  )
  .refine(({ training, labeling }) => training.data === "coco" || labeling.service === "labelStudio", {
    path: ["training", "data"],
    message:
      'only labeling.service "labelStudio" exports what is trained on; set that, with its address (locally "npm run local:labeling")',
  });

export type StackConfig = z.output<typeof schema>;

/**
 * Checks the raw configuration of a stack, key by key without the project's name.
 * @param raw values as Pulumi holds them: strings, objects and lists as JSON text
 * @throws UserError with all problems: key, value, what is allowed, and how to set it
 */
export function parseConfig(raw: Record<string, string>): StackConfig {
  const result = schema.safeParse(Object.fromEntries(Object.entries(raw).map(([key, text]) => [key, decode(text)])));
  if (result.success) return result.data;
  const given = (path: readonly PropertyKey[]) =>
    path.reduce<unknown>((value, key) => (value as Record<PropertyKey, unknown> | undefined)?.[key], decodeAll(raw));
  const problems = result.error.issues.flatMap((issue) => {
    if (issue.code === "unrecognized_keys") {
      const parent = issue.path.map(String);
      return issue.keys.map(
        (key) => `${[...parent, key].join(".")}: unknown key; ${didYouMean(key, allowedKeys(parent))}`,
      );
    }
    const path = issue.path.map(String).join(".");
    if (issue.code === "invalid_key")
      return issue.issues.map(({ message }) => `${path}: its name is not allowed; allowed is ${message}`);
    const value = given(issue.path);
    const wanted = value === undefined && issue.code === "invalid_type" ? "it is required" : issue.message;
    return [
      `${path}: ${value === undefined ? "not set" : JSON.stringify(value)}; ${wanted}. Set it with "pulumi config set --path ${path} VALUE"`,
    ];
  });
  throw combineProblems("The stack's configuration has mistakes:", problems);
}

/** The configuration of the stack that runs. */
export function readConfig(): StackConfig {
  return parseConfig(ownSettings(pulumi.runtime.allConfig(), pulumi.getProject()));
}

/** The settings of a project by their keys alone; those of providers and other projects are left out. */
export function ownSettings(all: Readonly<Record<string, string>>, project: string): Record<string, string> {
  const prefix = `${project}:`;
  const own = Object.entries(all).filter(([key]) => key.startsWith(prefix));
  return Object.fromEntries(own.map(([key, value]) => [key.slice(prefix.length), value]));
}

function decodeAll(raw: Record<string, string>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(raw).map(([key, text]) => [key, decode(text)]));
}

/** Pulumi hands on objects, numbers and booleans as text; a plain string is not JSON and stays what it is. */
function decode(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function allowedKeys(path: readonly string[]): string[] {
  let node: unknown = schema;
  for (const key of path) node = shapeOf(node)?.[key];
  return Object.keys(shapeOf(node) ?? {});
}

/** The fields of an object schema, under whatever default or refinement it is wrapped in. */
function shapeOf(node: unknown): Record<string, unknown> | undefined {
  const { shape, unwrap } = (node ?? {}) as { shape?: Record<string, unknown>; unwrap?: () => unknown };
  return shape ?? (unwrap ? shapeOf(unwrap.call(node)) : undefined);
}
