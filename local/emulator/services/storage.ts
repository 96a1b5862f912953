import { ArmError, type TypeBehaviour } from "../contracts";
import { containerDefaults, containerType } from "./containers";

const blobServices = "Microsoft.Storage/storageAccounts/blobServices";
const accountOf = (id: string) => /\/storageAccounts\/([^/]+)/i.exec(id)?.[1] ?? "";

export function isAccountName(name: string): boolean {
  return /^[a-z0-9]{3,24}$/.test(name);
}

export function accountNameRule(name: string): string {
  return `${name} is not a valid storage account name. Storage account name must be between 3 and 24 characters in length and use numbers and lower-case letters only.`;
}

export const storageBehaviours: readonly TypeBehaviour[] = [
  {
    type: "Microsoft.Storage/storageAccounts",
    // Its specification has 200 for an account that is made at once, and 202 for one that takes longer.
    createdStatus: 200,
    coverage: {
      gaps: {
        PUT: "blobs alone; network rules, encryption and tiers have no effect",
        "POST listkeys": "refused as an account without keys does; for others 501, as no keys are handed out",
      },
      refused: {
        "POST ListAccountSas": "",
        "POST ListServiceSas": "",
        "POST failover": "",
        "POST regenerateKey": "",
      },
    },
    check({ name, existing }, cloud) {
      if (!isAccountName(name)) throw new ArmError(400, "AccountNameInvalid", accountNameRule(name));
      const elsewhere = cloud.resources
        .listAll("Microsoft.Storage/storageAccounts")
        .some((account) => account.name === name && account.id !== existing?.id);
      if (elsewhere)
        throw new ArmError(409, "StorageAccountAlreadyTaken", `The storage account named ${name} is already taken.`);
    },
    properties: ({ body, existing }, cloud) => ({
      allowSharedKeyAccess: true,
      ...body.properties,
      primaryLocation: cloud.location,
      statusOfPrimary: "available",
      creationTime: existing?.properties.creationTime ?? cloud.now().toISOString(),
    }),
    view: ({ name }, cloud) => ({ primaryEndpoints: { blob: `${cloud.blobUrl}/${name}/` } }),
    async afterPut(record, _created, cloud) {
      await cloud.addStorageAccount(record.name);
      await cloud.access.refresh();
      const id = `${record.id}/blobServices/default`;
      if (!cloud.resources.get(id))
        await cloud.resources.put({
          id,
          name: "default",
          type: blobServices,
          properties: { provisioningState: "Succeeded" },
        });
    },
    removed: (record, cloud) => cloud.removeStorageAccount(record.name),
    actions: {
      listkeys: ({ record }) => {
        throw record.properties.allowSharedKeyAccess === false
          ? new ArmError(
              403,
              "KeyBasedAuthenticationNotPermitted",
              `Key based authentication is not permitted on storage account '${record.name}'.`,
            )
          : new ArmError(
              501,
              "NotImplemented",
              "The local cloud hands out no account keys; use a token. See docs/local.md.",
            );
      },
    },
  },
  {
    type: blobServices,
    coverage: {
      gaps: {
        PUT: "retention, versioning, CORS and change feed have no effect",
      },
    },
    check({ name }) {
      if (name !== "default")
        throw new ArmError(400, "InvalidResourceName", `The blob service is named 'default', not '${name}'.`);
    },
    beforeDelete(record) {
      throw new ArmError(405, "MethodNotAllowed", `'${record.id}' goes with its account and cannot be deleted.`);
    },
  },
  {
    type: containerType,
    coverage: {
      gaps: {
        PUT: "immutability and metadata have no effect",
      },
      refused: {
        "POST lease": "",
        "POST setLegalHold": "",
        "POST clearLegalHold": "",
        "POST migrate": "",
      },
    },
    check({ name, body }) {
      const publicAccess = (body.properties?.publicAccess ?? "None") as string;
      if (publicAccess.toLowerCase() !== "none")
        throw new ArmError(
          409,
          "PublicAccessNotPermitted",
          "Public access is not permitted on this storage account; no account of the local cloud serves blobs to everyone.",
          "properties.publicAccess",
        );
      if (!/^(?!.*--)[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$/.test(name)) {
        throw new ArmError(
          400,
          "InvalidResourceName",
          `'${name}' is no valid container name: 3 to 63 characters of [a-z0-9-], no two hyphens in a row.`,
        );
      }
    },
    properties: ({ body }) => ({
      ...containerDefaults,
      ...body.properties,
    }),
    afterPut: async (record, _created, cloud) =>
      void (await cloud.container(accountOf(record.id), record.name).createIfNotExists()),
    async removed(record, cloud) {
      // A removal that a restart repeats may have removed the account already.
      await cloud.addStorageAccount(accountOf(record.id));
      await cloud.container(accountOf(record.id), record.name).deleteIfExists();
    },
  },
];
