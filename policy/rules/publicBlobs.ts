import { rule, type Violation } from "../rule";
import { types } from "../types";

export const publicBlobs = rule({
  name: "no-public-blobs",
  description: "Blobs are read with an identity, never anonymously.",
  level: "mandatory",
  severity: "critical",
  types: [types.storageAccount, types.blobContainer],
  check({ type, props }): Violation[] {
    if (type === types.storageAccount) {
      const value = props.allowBlobPublicAccess;
      if (value === false) return [];
      return [
        { property: "allowBlobPublicAccess", value, allowed: "false", next: "Set it, and grant a role to readers." },
      ];
    }
    const value = props.publicAccess ?? "None";
    if (value === "None") return [];
    return [{ property: "publicAccess", value, allowed: '"None"', next: "Set it, and grant a role to readers." }];
  },
});
