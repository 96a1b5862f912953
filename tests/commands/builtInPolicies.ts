/**
 * Rules of built-in definitions, as Azure has them:
 * https://github.com/Azure/azure-policy/tree/master/built-in-policies/policyDefinitions
 */
const effect = (defaultValue: string) => ({ effect: { type: "String", defaultValue } });
const given = { effect: "[parameters('effect')]" };
const account = "Microsoft.Storage/storageAccounts";
const vault = "Microsoft.KeyVault/vaults";
const isAccount = { field: "type", equals: account };
const version = { value: "[requestContext().apiVersion]" };

export const storageRules = {
  /** Storage/StorageAccountAllowSharedKeyAccess_Audit */
  sharedKeys: {
    mode: "Indexed",
    parameters: effect("Audit"),
    policyRule: {
      if: {
        allOf: [
          isAccount,
          {
            anyOf: [
              {
                anyOf: [
                  { field: `${account}/allowSharedKeyAccess`, exists: "false" },
                  { field: `${account}/allowSharedKeyAccess`, equals: "" },
                ],
              },
              { field: `${account}/allowSharedKeyAccess`, equals: "true" },
            ],
          },
        ],
      },
      then: given,
    },
  },
  /** Storage/StoragePublicNetworkAccess_AuditDeny */
  publicNetwork: {
    mode: "All",
    parameters: effect("Audit"),
    policyRule: {
      if: { allOf: [isAccount, { field: `${account}/publicNetworkAccess`, notEquals: "Disabled" }] },
      then: given,
    },
  },
  /** Storage/Storage_NetworkAcls_Audit */
  networkRules: {
    mode: "Indexed",
    parameters: effect("Audit"),
    policyRule: {
      if: { allOf: [isAccount, { field: `${account}/networkAcls.defaultAction`, notEquals: "Deny" }] },
      then: given,
    },
  },
  /** Storage/AllowedStorageSkus_Audit */
  skus: {
    mode: "Indexed",
    parameters: effect("Deny"),
    policyRule: {
      if: { allOf: [isAccount, { not: { field: `${account}/sku.name`, in: "[parameters('listOfAllowedSKUs')]" } }] },
      then: given,
    },
  },
};

export const generalRules = {
  /** General/AllowedLocations_Deny */
  locations: {
    mode: "Indexed",
    parameters: effect("Deny"),
    policyRule: {
      if: {
        allOf: [
          { field: "location", notIn: "[parameters('listOfAllowedLocations')]" },
          { field: "location", notEquals: "global" },
          { field: "type", notEquals: "Microsoft.AzureActiveDirectory/b2cDirectories" },
        ],
      },
      then: given,
    },
  },
  /** Tags/RequireTag_Deny */
  tag: {
    mode: "Indexed",
    policyRule: {
      if: { field: "[concat('tags[', parameters('tagName'), ']')]", exists: "false" },
      then: { effect: "deny" },
    },
  },
  /** General/InvalidResourceTypes_Deny */
  notTypes: {
    mode: "All",
    parameters: effect("Deny"),
    policyRule: {
      if: {
        allOf: [
          { field: "type", in: "[parameters('listOfResourceTypesNotAllowed')]" },
          { value: "[field('type')]", exists: true },
        ],
      },
      then: given,
    },
  },
  /** Key Vault/PublicNetworkAccess_Audit */
  vaultNetwork: {
    mode: "Indexed",
    parameters: effect("Audit"),
    policyRule: {
      if: {
        allOf: [
          { field: "type", equals: vault },
          { not: { field: `${vault}/createMode`, equals: "recover" } },
          {
            anyOf: [
              { ...version, less: "2021-06-01-preview" },
              {
                allOf: [
                  { ...version, greaterOrEquals: "2021-06-01-preview" },
                  { field: `${vault}/publicNetworkAccess`, notEquals: "Disabled" },
                ],
              },
            ],
          },
        ],
      },
      then: given,
    },
  },
};
