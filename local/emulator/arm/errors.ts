import { ArmError } from "../contracts";
import { parseTarget, resourceGroupOf } from "./ids";

/** Where the local cloud says what it has and has not. */
export const coverage = "See docs/local.md#coverage for what it has.";

/** The body breaks the schema of its type. */
export function invalidBody(violations: readonly { code: string; message: string; target: string }[]): ArmError {
  const [first] = violations;
  const message = violations.map((violation) => violation.message).join(" ");
  return new ArmError(
    400,
    first?.code ?? "InvalidRequestContent",
    `The request content was invalid: ${message}`,
    first?.target,
    violations,
  );
}

export function resourceNotFound(id: string): ArmError {
  const target = parseTarget(id);
  const group = resourceGroupOf(id);
  if (group && group.length === id.length) return groupNotFound(group);
  return new ArmError(
    404,
    "ResourceNotFound",
    `The Resource '${target?.type ?? ""}/${target?.name ?? id}' under resource group '${group?.split("/").at(-1) ?? ""}' was not found.`,
  );
}

/** What Resource Manager itself asks of a name, whatever the type. */
export function assertName(name: string, id: string): void {
  const legal = name.length <= longestName && !/[<>%&\\?/#\p{Cc}]/u.test(name) && !/[ .]$/.test(name);
  if (legal && Buffer.byteLength(id) <= longestId) return;
  throw new ArmError(
    400,
    "InvalidResourceName",
    `Resource name ${JSON.stringify(name.slice(0, longestName))} is invalid: up to ${longestName} characters, none of <>%&\\?/# or control ones, no blank or dot at its end, and an id of up to ${longestId} bytes.`,
    "name",
  );
}

const longestName = 260;
/** Below what the database takes as a key. */
const longestId = 1600;

export function groupNotFound(group: string): ArmError {
  return new ArmError(404, "ResourceGroupNotFound", `Resource group '${group.split("/").at(-1)}' could not be found.`);
}

export function groupBeingDeleted(name: string): ArmError {
  return new ArmError(
    409,
    "ResourceGroupBeingDeleted",
    `The resource group '${name}' is in deprovisioning state and cannot perform this operation.`,
  );
}

export function parentNotFound(name: string, parentId: string): ArmError {
  return new ArmError(
    404,
    "ParentResourceNotFound",
    `Failed to perform the operation on '${name}': the parent resource '${parentId}' was not found.`,
  );
}

/** An operation that Azure has and this cloud does not: never answered as if it had been done. */
export function notImplemented(what: string): ArmError {
  return new ArmError(501, "NotImplemented", `The local cloud has no ${what}. ${coverage}`);
}

/** Another operation on the resource is under way. */
export function busy(name: string, state: string): ArmError {
  return new ArmError(
    409,
    "AnotherOperationInProgress",
    `'${name}' is in '${state}' provisioning state. Try again when the operation is over.`,
  );
}
