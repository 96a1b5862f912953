import { ArmError } from "../contracts";

const most = 50;
const longestName = 512;
const longestValue = 256;
/** Of storage accounts. */
const longestStorageName = 128;
/** Azure documents these two limits without their codes, so they have the general one of what a request holds. */
const unnamed = "InvalidRequestContent";

/**
 * Limits of tags: https://learn.microsoft.com/azure/azure-resource-manager/management/tag-resources#limitations
 * @throws ArmError 400
 */
export function checkTags(type: string, tags: Readonly<Record<string, unknown>> | undefined): void {
  const names = Object.keys(tags ?? {});
  if (names.length > most)
    throw refusal(unnamed, `The resource has ${names.length} tags; at most ${most} are allowed.`);
  const longest = type === "Microsoft.Storage/storageAccounts" ? longestStorageName : longestName;
  const seen = new Set<string>();
  for (const [name, value] of Object.entries(tags ?? {})) {
    if (name.length > longest)
      throw refusal(
        "InvalidTagName",
        `Tag key too large. Following tag name '${name}' exceeded the maximum length. Maximum allowed length for tag name - '${longest}' characters.`,
      );
    if (name === "" || /[<>%&\\?/\p{Cc}]/u.test(name))
      throw refusal(
        "InvalidTagNameCharacters",
        `The tag names '${name}' have reserved characters '<,>,%,&,\\,?,/' or control characters.`,
      );
    if (String(value).length > longestValue)
      throw refusal(
        "InvalidTagValueLength",
        `Tag value too large. Following tag value '${String(value)}' exceeded the maximum length. Maximum allowed length for tag value - '${longestValue}' characters.`,
      );
    if (seen.has(name.toLowerCase()))
      throw refusal(unnamed, `The tag name '${name}' stands twice: names of tags are without case.`);
    seen.add(name.toLowerCase());
  }
}

function refusal(code: string, message: string): ArmError {
  return new ArmError(400, code, message, "tags");
}
