import { randomUUID } from "node:crypto";
import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs } from "node:util";
import writeFileAtomic from "write-file-atomic";
import { messageOf, UserError } from "../lib/errors";
import { LocalClient } from "./client";
import type { CloudRecord } from "./environment";
import { exportLines } from "./exports";
import { roleDefinitionId } from "./roleNames";

const help = `App registrations of the local cloud, to sign in as.

  npm run -s local:identity -- create NAME [--role ROLE [--scope SCOPE]]   with a secret: prints export lines
  npm run -s local:identity -- federate NAME --subject SUBJECT             signs in with an assertion of the local issuer
      [--issuer URL --keys JWKS_FILE] [--audience AUDIENCE]                or of another one, whose keys are in a file
  npm run -s local:identity -- assertion SUBJECT [--audience AUDIENCE] [--lifetime SECONDS]
  npm run -s local:identity -- list
  npm run -s local:identity -- delete NAME

SCOPE is an id of Resource Manager; the whole subscription when it is not given.`;

/** By this name of a tenant clients know an authority of one's own, and do not ask the public cloud whether it is one. */
const ownAuthorityTenant = "adfs";
const roleAssignments = { path: "providers/Microsoft.Authorization/roleAssignments", apiVersion: "2022-04-01" };

const options = {
  role: { type: "string" },
  scope: { type: "string" },
  subject: { type: "string" },
  issuer: { type: "string" },
  keys: { type: "string" },
  audience: { type: "string" },
  lifetime: { type: "string" },
  help: { type: "boolean" },
} as const;

interface Registration {
  id: string;
  appId: string;
  displayName: string;
}

/** Runs `local:identity`; answers what it prints. @throws UserError */
export async function identityCommand(record: CloudRecord, cloudFolder: string, args: string[]): Promise<string> {
  const { values, positionals } = parse(args);
  const [command, name] = positionals;
  if (values.help || command === undefined) return help;
  const client = await LocalClient.connect(record);
  const required = (what: string): string => {
    if (name) return name;
    throw new UserError(`${command} needs ${what}.\n\n${help}`);
  };
  try {
    const identities = new Identities(client, record, cloudFolder);
    switch (command) {
      case "create":
        return await identities.create(required("a name"), values.role, values.scope);
      case "federate":
        return await identities.federate(required("a name"), values);
      case "assertion":
        return await identities.assertion(required("a subject"), values.audience, values.lifetime);
      case "list":
        return await identities.list();
      case "delete":
        return await identities.delete(required("a name"));
      default:
        throw new UserError(`"${command}" is not known.\n\n${help}`);
    }
  } finally {
    await client.close();
  }
}

class Identities {
  constructor(
    private readonly client: LocalClient,
    private readonly record: CloudRecord,
    private readonly cloudFolder: string,
  ) {}

  async create(name: string, role: string | undefined, scope: string | undefined): Promise<string> {
    if (scope !== undefined && role === undefined) throw new UserError("--scope is of a --role; name one.");
    const roleId = role === undefined ? undefined : roleDefinitionId(role);
    if (await this.find(name)) throw new UserError(`There is a registration "${name}" already. Delete it first.`);
    const made = await this.client.send<Registration>("POST", "/v1.0/applications", { displayName: name });
    const { id, appId } = made!;
    const principal = await this.client.send<{ id: string }>("POST", "/v1.0/servicePrincipals", { appId });
    if (roleId !== undefined) await this.assign(principal!.id, roleId, scope);
    const secret = await this.client.send<{ secretText: string }>("POST", `/v1.0/applications/${id}/addPassword`, {});
    return exportLines({ ...this.signIn(appId), AZURE_CLIENT_SECRET: secret!.secretText });
  }

  async federate(
    name: string,
    given: { subject?: string; issuer?: string; keys?: string; audience?: string },
  ): Promise<string> {
    const { subject, issuer, keys: keysFile, audience } = given;
    if (!subject) throw new UserError(`federate needs --subject.\n\n${help}`);
    if ((issuer === undefined) !== (keysFile === undefined))
      throw new UserError("--issuer and --keys go together: the local cloud asks no other issuer for its keys.");
    const registration = await this.find(name);
    if (!registration) throw new UserError(`There is no registration "${name}". Create it first.`);
    const { id, appId } = registration;
    await this.client.send("POST", `/v1.0/applications/${id}/federatedIdentityCredentials`, {
      name: subject,
      issuer: issuer ?? `${this.record.url}/oidc`,
      subject,
      ...(audience === undefined ? {} : { audiences: [audience] }),
      ...(keysFile === undefined ? {} : { keys: await readKeys(keysFile) }),
    });
    if (issuer !== undefined) return exportLines(this.signIn(appId));
    const folder = join(this.cloudFolder, "assertions");
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const file = join(folder, appId);
    await writeFileAtomic(file, await this.assertion(subject, audience, undefined), { mode: 0o600 });
    return exportLines({ ...this.signIn(appId), AZURE_FEDERATED_TOKEN_FILE: file });
  }

  async assertion(subject: string, audience: string | undefined, lifetime: string | undefined): Promise<string> {
    const lifetimeSeconds = lifetime === undefined ? undefined : Number(lifetime);
    if (lifetimeSeconds !== undefined && !Number.isInteger(lifetimeSeconds))
      throw new UserError(`--lifetime is "${lifetime}"; a whole number of seconds is wanted.`);
    return this.client.assertion({ subject, audience, lifetimeSeconds });
  }

  async list(): Promise<string> {
    const registrations = await this.registrations("");
    return registrations.map(({ displayName, appId }) => `${appId}  ${displayName}`).join("\n");
  }

  async delete(name: string): Promise<string> {
    const found = await this.find(name);
    if (!found) throw new UserError(`There is no registration "${name}".`);
    await this.client.send("DELETE", `/v1.0/applications/${found.id}`);
    return `Deleted ${name}`;
  }

  private async find(name: string): Promise<Registration | undefined> {
    if (!/^[\w .-]{1,120}$/.test(name))
      throw new UserError(`"${name}" is no name of a registration: letters, digits, blanks, '_', '-' and '.'.`);
    const [found] = await this.registrations(`?$filter=${encodeURIComponent(`displayName eq '${name}'`)}`);
    return found;
  }

  private async registrations(query: string): Promise<Registration[]> {
    return (await this.client.send<{ value: Registration[] }>("GET", `/v1.0/applications${query}`))?.value ?? [];
  }

  private async assign(principalId: string, roleId: string, scope: string | undefined): Promise<void> {
    const { subscriptionId } = this.record;
    const at = (scope ?? `/subscriptions/${subscriptionId}`).replace(/\/$/, "");
    const roleDefinition = `/subscriptions/${subscriptionId}/providers/Microsoft.Authorization/roleDefinitions/${roleId}`;
    const made = await this.client.arm(
      "PUT",
      `${at}/${roleAssignments.path}/${randomUUID()}`,
      roleAssignments.apiVersion,
      {
        properties: { roleDefinitionId: roleDefinition, principalId, principalType: "ServicePrincipal" },
      },
    );
    if (!made) throw new UserError(`The scope "${at}" is not there.`);
  }

  private signIn(appId: string): Record<string, string> {
    return {
      AZURE_AUTHORITY_HOST: this.record.url,
      AZURE_TENANT_ID: ownAuthorityTenant,
      AZURE_CLIENT_ID: appId,
    };
  }
}

async function readKeys(file: string): Promise<unknown[]> {
  try {
    const { keys } = JSON.parse(await readFile(file, "utf8")) as { keys?: unknown };
    if (Array.isArray(keys) && keys.length > 0) return keys as unknown[];
  } catch {
    // Named below, whatever it was.
  }
  throw new UserError(`"${file}" is no JWKS: {"keys": [{"kty": "RSA", ...}]} is wanted.`);
}

function parse(args: string[]) {
  try {
    return parseArgs({ args, options, allowPositionals: true });
  } catch (error) {
    throw new UserError(`${messageOf(error)}\n\n${help}`);
  }
}
