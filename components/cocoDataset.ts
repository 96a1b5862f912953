import * as pulumi from "@pulumi/pulumi";
import * as ml from "@pulumi/azure-native/machinelearningservices";
import { formatDatastorePath } from "../lib/azure/datastores";
import type { Coco2017Part } from "../lib/coco2017";
import { UserError } from "../lib/errors";
import { lineageTags } from "../lib/tables/lineage";
import { AssetVersion } from "../providers/assetVersion/resource";
import { BlobFolder } from "../providers/blobFolder/resource";
import { Coco2017Images, type Coco2017ImagesArgs } from "../providers/coco2017Images/resource";
import { CocoTables, type CocoTablesReport } from "../providers/cocoTables/resource";
import type { ImageStorage } from "./imageStorage";
import type { UploadTarget } from "./tableFolder";
import type { Workspace } from "./workspace";

export interface CocoDatasetArgs {
  workspace: Workspace;
  storage: ImageStorage;
  /** Name of the datastore and of the image data asset; the tables are `NAME-training` and `NAME-validation`. */
  datasetName: string;
  /** Where the images and annotations come from: local files, or the official downloads of COCO 2017. @default "folder" */
  source?: "folder" | "coco2017";
  /** With source "folder": local folder with the images. */
  images?: string;
  /** With source "folder": local COCO instances file. */
  annotations?: string;
  /** With source "coco2017". */
  coco2017?: Pick<Coco2017ImagesArgs, "baseUrl" | "cacheFolder"> & { part: Coco2017Part };
  /** Whether images without a local file are removed from the container; source "folder" only. @default false */
  removeExtra?: boolean;
  /** What becomes of a version of the data assets that a newer one replaces. @default "keep" */
  oldVersions?: "keep" | "archive";
  /** Folder of the images in the container, for example `train2017`. */
  imagesPrefix: string;
  /**
   * A box's label: its category's name, or its supercategory, of which person, food and animal are kept.
   * @default "name"
   */
  classesFrom?: "name" | "supercategory";
  /** Local YAML file that says which categories make which labels, instead of `classesFrom`; see `data:convert -- --help`. */
  classMap?: string;
  /** @default 0.2 */
  validationFraction?: number;
  /** @default 7 */
  splitSeed?: number;
  /** Rights that must be there before the deployment's own identity can upload. */
  uploadRights: pulumi.Resource[];
}

/** A version of a data asset, as jobs refer to it. */
export interface DataAsset {
  name: string;
  version: pulumi.Output<string>;
  id: pulumi.Output<string>;
}

/** Images in the container, and the annotations to them on this machine. */
interface Pictures {
  resource: BlobFolder | Coco2017Images;
  /** As the lineage of the data assets names it. */
  source: string;
  fingerprint: pulumi.Output<string>;
  annotations: pulumi.Input<string>;
  /** Local folder of the images, where they have one. */
  folder?: string;
}

/**
 * Images and COCO annotations as versioned data assets. The version is the content's hash, so equal data never makes a
 * second one, and the old ones stay: jobs and models refer to them.
 */
export class CocoDataset extends pulumi.ComponentResource {
  readonly images: DataAsset;
  readonly training: DataAsset;
  readonly validation: DataAsset;
  /** Where further folders of this data can go. */
  readonly uploads: UploadTarget;

  constructor(name: string, args: CocoDatasetArgs, opts?: pulumi.ComponentResourceOptions) {
    super("objectdetection:index:CocoDataset", name, {}, opts);
    const { workspace, storage, datasetName } = args;

    const container = storage.container(`${name}-container`, datasetName, { parent: this });
    const target = { storageAccountId: storage.id, container: container.name };
    const images = this.pictures(name, args, target);
    const datastore = new ml.Datastore(
      `${name}-datastore`,
      {
        ...workspace.placement,
        name: datasetName,
        properties: {
          datastoreType: "AzureBlob",
          accountName: storage.accountName,
          containerName: container.name,
          credentials: { credentialsType: "None" },
          serviceDataAccessAuthIdentity: ml.ServiceDataAccessAuthIdentity.WorkspaceSystemAssignedIdentity,
        },
      },
      { parent: this, dependsOn: workspace.ready },
    );
    this.uploads = { ...target, datastore: datastore.name, dependsOn: [...args.uploadRights, datastore] };
    const pathInDatastore = (path: pulumi.Input<string>) =>
      pulumi
        .all([workspace.id, datastore.name, path])
        .apply(([workspaceId, store, inside]) => formatDatastorePath({ workspaceId, datastore: store, path: inside }));

    const split = { validationFraction: args.validationFraction ?? 0.2, splitSeed: args.splitSeed ?? 7 };
    const tables = new CocoTables(
      `${name}-tables`,
      {
        ...target,
        prefix: "tables",
        annotations: images.annotations,
        imagesFolder: images.folder,
        imageUrlPrefix: pathInDatastore(`${args.imagesPrefix}/`),
        imagesFingerprint: images.fingerprint,
        classesFrom: args.classesFrom ?? "name",
        classMap: args.classMap,
        ...split,
      },
      { parent: this, dependsOn: [images.resource] },
    );

    const register = (
      part: string,
      assetName: string,
      version: pulumi.Output<string>,
      properties: Record<string, pulumi.Input<unknown>>,
      content: pulumi.Resource,
    ): DataAsset => {
      const asset = new AssetVersion(
        `${name}-${part}`,
        { workspaceId: workspace.id, kind: "data", assetName, version, properties, onSuperseded: args.oldVersions },
        { parent: this, dependsOn: [datastore, content] },
      );
      return { name: assetName, version: asset.version, id: asset.assetId };
    };
    const { splitSeed, validationFraction } = split;
    // An up with targets that leaves the tables out knows nothing of them.
    const report: pulumi.Output<CocoTablesReport | undefined> = tables.report;
    const lineage = report.apply(
      (known) =>
        known &&
        lineageTags({ source: images.source, report: known, classes: known.classes, splitSeed, validationFraction }),
    );
    this.images = register(
      "image-asset",
      datasetName,
      images.fingerprint,
      {
        dataType: "uri_folder",
        dataUri: pathInDatastore(`${args.imagesPrefix}/`),
        description: "Images of the data set",
        tags: { source: images.source, files: pulumi.interpolate`${images.resource.files}` },
      },
      images.resource,
    );
    this.training = register(
      "training-asset",
      `${datasetName}-training`,
      tables.version,
      {
        dataType: "mltable",
        dataUri: pathInDatastore(tables.trainingPath),
        description: "Training split",
        tags: lineage,
      },
      tables,
    );
    this.validation = register(
      "validation-asset",
      `${datasetName}-validation`,
      tables.version,
      {
        dataType: "mltable",
        dataUri: pathInDatastore(tables.validationPath),
        description: "Validation split",
        tags: lineage,
      },
      tables,
    );
    this.registerOutputs({ images: this.images.id, training: this.training.id, validation: this.validation.id });
  }

  private pictures(
    name: string,
    { source, images, annotations, coco2017, imagesPrefix: prefix, removeExtra, uploadRights }: CocoDatasetArgs,
    target: Pick<UploadTarget, "storageAccountId" | "container">,
  ): Pictures {
    const opts = { parent: this, dependsOn: uploadRights };
    if (source === "coco2017") {
      if (!coco2017)
        throw new UserError(`${name}: source "coco2017" needs coco2017 with part, baseUrl and cacheFolder.`);
      const { part } = coco2017;
      const resource = new Coco2017Images(`${name}-images`, { ...target, ...coco2017, prefix }, opts);
      return {
        ...{ resource, source: `coco2017 ${part}` },
        fingerprint: resource.fingerprint,
        annotations: resource.annotations,
      };
    }
    if (images === undefined || annotations === undefined)
      throw new UserError(`${name}: source "folder" needs images and annotations, paths relative to the program.`);
    const resource = new BlobFolder(
      `${name}-images`,
      { ...target, prefix, folder: images, property: "data.images", removeExtra },
      opts,
    );
    return { resource, source: "folder", fingerprint: resource.fingerprint, annotations, folder: images };
  }
}
