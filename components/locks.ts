import * as pulumi from "@pulumi/pulumi";
import { ManagementLockByScope } from "@pulumi/azure-native/authorization/managementLockByScope";
import { stackOwner } from "./owner";

/**
 * Azure refuses to delete what is locked, and what belongs to it, whoever asks. A lock is made last and removed first: the
 * resources below what is locked could not be deleted by a destroy otherwise.
 */
export class Locks extends pulumi.ComponentResource {
  constructor(
    name: string,
    /** ARM ids, by a name for each. */
    scopes: Record<string, pulumi.Input<string>>,
    opts: pulumi.ComponentResourceOptions & { dependsOn: pulumi.Resource[] },
  ) {
    super("objectdetection:index:Locks", name, {}, opts);
    for (const [part, scope] of Object.entries(scopes))
      new ManagementLockByScope(
        `${name}-${part}`,
        { scope, lockName: "keep", level: "CanNotDelete", notes: `Locked by ${stackOwner()}` },
        { parent: this, dependsOn: opts.dependsOn },
      );
    this.registerOutputs({});
  }
}
