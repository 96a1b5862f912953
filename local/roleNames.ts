import { UserError } from "../lib/errors";
import { builtInRoles } from "./emulator/rbac/roles";

/** The GUID of a role, which may be given itself. @throws UserError for a name that is not known */
export function roleDefinitionId(role: string): string {
  if (/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(role)) return role.toLowerCase();
  const found = builtInRoles.find(({ name }) => name.toLowerCase() === role.toLowerCase());
  if (found) return found.id;
  throw new UserError(
    `"${role}" is no role that is known by name: ${builtInRoles.map(({ name }) => name).join(", ")}; or give its GUID.`,
  );
}
