import * as pulumi from "@pulumi/pulumi";
import { formatDatastorePath } from "../lib/azure/datastores";
import { localAssetName } from "../lib/automl";
import { readFolder } from "../lib/content/folder";
import { combineProblems } from "../lib/errors";
import { checkTable } from "../lib/tables/folder";
import { AssetVersion } from "../providers/assetVersion/resource";
import { BlobFolder } from "../providers/blobFolder/resource";
import type { Workspace } from "./workspace";

/** Where a local folder goes: a container, and the datastore that shows it to the workspace. */
export interface UploadTarget {
  storageAccountId: pulumi.Input<string>;
  container: pulumi.Input<string>;
  /** Name of the datastore over the container. */
  datastore: pulumi.Input<string>;
  /** What must be there before an upload: roles, the datastore. */
  dependsOn: pulumi.Resource[];
}

export interface TableFolderArgs {
  workspace: Workspace;
  target: UploadTarget;
  /** Local MLTable folder, relative to the program. */
  folder: string;
  /** Column with the boxes: the job's target_column_name. */
  labelColumn: string;
}

/** A local MLTable folder that a job names: uploaded, and registered as the data asset of its content. */
export class TableFolder extends pulumi.ComponentResource {
  /** ARM id of the data version. */
  readonly id: pulumi.Output<string>;

  constructor(name: string, args: TableFolderArgs, opts?: pulumi.ComponentResourceOptions) {
    super("objectdetection:index:TableFolder", name, {}, opts);
    const { workspace, target, folder } = args;
    const assetName = localAssetName(folder);
    const version = pulumi.output(this.checked(args).then(() => readFolder(folder, "path"))).fingerprint;
    // Versions never change, so each has a place of its own.
    const prefix = pulumi.interpolate`folders/${assetName}/${version}`;
    const upload = new BlobFolder(
      `${name}-upload`,
      { storageAccountId: target.storageAccountId, container: target.container, prefix, folder, property: "path" },
      { parent: this, dependsOn: target.dependsOn },
    );
    const dataUri = pulumi
      .all([workspace.id, target.datastore, prefix])
      .apply(([workspaceId, datastore, path]) => formatDatastorePath({ workspaceId, datastore, path: `${path}/` }));
    const asset = new AssetVersion(
      `${name}-asset`,
      { workspaceId: workspace.id, kind: "data", assetName, version, properties: { dataType: "mltable", dataUri } },
      { parent: this, dependsOn: [upload] },
    );
    this.id = asset.assetId;
    this.registerOutputs({ id: this.id });
  }

  private async checked({ folder, labelColumn }: TableFolderArgs): Promise<void> {
    const { problems, warnings } = await checkTable(folder, labelColumn);
    for (const warning of warnings) void pulumi.log.warn(warning, this);
    if (problems.length > 0) throw combineProblems(`The table ${folder} cannot be trained on:`, problems);
  }
}
