import { ArmError, type PutRequest } from "../contracts";

const target = "properties.";

/**
 * What a vault keeps once it has it: its protection against purging, its soft delete and the days of that.
 * https://learn.microsoft.com/azure/key-vault/general/soft-delete-overview
 * @throws ArmError
 */
export function checkProtection({ body, existing }: Pick<PutRequest, "body" | "existing">): void {
  const { softDeleteRetentionInDays: days, enablePurgeProtection, enableSoftDelete } = body.properties ?? {};
  if (days !== undefined && (!Number.isInteger(days) || Number(days) < 7 || Number(days) > 90))
    throw refusal(
      "softDeleteRetentionInDays",
      `The property "softDeleteRetentionInDays" has the value ${JSON.stringify(days)}; it must be between 7 and 90.`,
    );
  if (existing && days !== undefined && days !== retentionDays(existing.properties))
    throw refusal(
      "softDeleteRetentionInDays",
      'The property "softDeleteRetentionInDays" has been set already and it can\'t be modified.',
    );
  if (enablePurgeProtection === false)
    throw refusal(
      "enablePurgeProtection",
      'The property "enablePurgeProtection" cannot be set to false. Enabling the purge protection for a vault is an irreversible action.',
    );
  if (existing && enableSoftDelete === false)
    throw refusal(
      "enableSoftDelete",
      "The property \"enableSoftDelete\" can be set to false only for creating new vault. Enabling the 'soft delete' functionality is an irreversible action.",
    );
}

export function retentionDays({ softDeleteRetentionInDays }: Readonly<Record<string, unknown>>): number {
  return Number(softDeleteRetentionInDays ?? 90);
}

/** What a PUT that does not name them leaves as it is, with the service's defaults. */
export function protectionOf({ body, existing }: Pick<PutRequest, "body" | "existing">): Record<string, unknown> {
  const isProtected = existing?.properties.enablePurgeProtection ?? body.properties?.enablePurgeProtection;
  return {
    enableSoftDelete: true,
    softDeleteRetentionInDays: retentionDays(existing?.properties ?? body.properties ?? {}),
    ...(isProtected === true ? { enablePurgeProtection: true } : {}),
  };
}

function refusal(property: string, message: string): ArmError {
  return new ArmError(400, "BadRequest", message, target + property);
}
