import * as pulumi from "@pulumi/pulumi";

/** What the stack marks as its own in places that it shares with others: deployments, objects in a cluster. */
export function stackOwner(): string {
  return `${pulumi.getProject()}/${pulumi.getStack()}`;
}
