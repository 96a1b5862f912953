import * as pulumi from "@pulumi/pulumi";
import * as ml from "@pulumi/azure-native/machinelearningservices";
import { formatDatastorePath } from "../lib/azure/datastores";
import { AssetVersion } from "../providers/assetVersion/resource";
import { BlobFolder } from "../providers/blobFolder/resource";
import { CocoTables } from "../providers/cocoTables/resource";
import type { ImageStorage } from "./imageStorage";
import type { UploadTarget } from "./tableFolder";
import type { Workspace } from "./workspace";

export interface CocoDatasetArgs {
  workspace: Workspace;
  storage: ImageStorage;
  /** Name of the datastore and of the image data asset; the tables are `NAME-training` and `NAME-validation`. */
  datasetName: string;
  /** Local folder with the images. */
  images: string;
  /** Local COCO instances file. */
  annotations: string;
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
    const images = new BlobFolder(
      `${name}-images`,
      { ...target, prefix: args.imagesPrefix, folder: args.images, property: "data.images" },
      { parent: this, dependsOn: args.uploadRights },
    );
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

    const tables = new CocoTables(
      `${name}-tables`,
      {
        ...target,
        prefix: "tables",
        annotations: args.annotations,
        imageUrlPrefix: pathInDatastore(`${args.imagesPrefix}/`),
        imagesFingerprint: images.fingerprint,
        classesFrom: args.classesFrom ?? "name",
        classMap: args.classMap,
        validationFraction: args.validationFraction ?? 0.2,
        splitSeed: args.splitSeed ?? 7,
      },
      { parent: this, dependsOn: [images] },
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
        { workspaceId: workspace.id, kind: "data", assetName, version, properties },
        { parent: this, dependsOn: [datastore, content] },
      );
      return { name: assetName, version: asset.version, id: asset.assetId };
    };
    const lineage = tables.report.apply(({ images: count, boxes }) => ({
      images: `${count}`,
      boxes: `${boxes}`,
      source: "coco",
    }));
    this.images = register(
      "image-asset",
      datasetName,
      images.fingerprint,
      {
        dataType: "uri_folder",
        dataUri: pathInDatastore(`${args.imagesPrefix}/`),
        description: "Images of the data set",
      },
      images,
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
}
