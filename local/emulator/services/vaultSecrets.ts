import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { ArmError, type Cloud, type CloudService, type Principal, type ResourceRecord, type Store } from "../contracts";

type Route = { Params: { vault: string; secret: string; version?: string } };

interface StoredSecret {
  value: string;
  contentType?: string;
}

const vaultType = "Microsoft.KeyVault/vaults";
/** What tokens for vaults are for. */
const audience = "https://vault.azure.net";

/** Values of the vaults' secrets by version; Resource Manager, where they are written, never answers them. */
export class VaultSecrets {
  private readonly table;

  constructor(store: Store) {
    this.table = store.table<StoredSecret>("vaultSecrets");
  }

  get(secretId: string, version: string): StoredSecret | undefined {
    return this.table.get(`${secretId.toLowerCase()}|${version}`);
  }

  async put(secretId: string, version: string, secret: StoredSecret): Promise<void> {
    await this.table.put(`${secretId.toLowerCase()}|${version}`, secret);
  }

  async remove(secretId: string): Promise<void> {
    for (const { key } of [...this.table.list(`${secretId.toLowerCase()}|`)]) await this.table.remove(key);
  }
}

/** Where a vault answers. */
export function vaultUri(cloud: Cloud, name: string): string {
  return `${cloud.url}/vaults/${name}/`;
}

/** The data plane of the vaults: who has the role reads a secret. */
export const vaultService: CloudService = {
  name: "vaults",
  routes(server: FastifyInstance, cloud: Cloud) {
    for (const path of ["/vaults/:vault/secrets/:secret", "/vaults/:vault/secrets/:secret/:version"])
      server.get<Route>(path, { config: { public: true } }, async (request, reply) => {
        const principal = authenticated(request, reply, cloud);
        return principal ? secretOf(request.params, principal, cloud) : reply;
      });
  },
};

/** Undefined after the challenge by which clients learn what their token must be for. */
function authenticated({ headers }: FastifyRequest, reply: FastifyReply, cloud: Cloud): Principal | undefined {
  const [scheme, token] = (headers.authorization ?? "").split(" ");
  if (scheme?.toLowerCase() === "bearer" && token) return cloud.authenticate(token, audience);
  void reply
    .status(401)
    .header("www-authenticate", `Bearer authorization="${cloud.url}/${cloud.tenantId}", resource="${audience}"`)
    .send({ error: { code: "Unauthorized", message: "AKV10000: Request is missing a Bearer or PoP token." } });
  return undefined;
}

function secretOf({ vault, secret, version }: Route["Params"], principal: Principal, cloud: Cloud): object {
  const found = cloud.resources.listAll(vaultType).find(({ name }) => name.toLowerCase() === vault.toLowerCase());
  const record = found && cloud.resources.get(`${found.id}/secrets/${secret}`);
  const id = record?.id ?? found?.id;
  if (id && !cloud.access.allows(principal, `${vaultType}/secrets/getSecret/action`, id, "dataAction"))
    throw new ArmError(
      403,
      "Forbidden",
      `Caller is not authorized to perform action on resource. Caller: appid=${principal.clientId};oid=${principal.objectId}. Action: '${vaultType}/secrets/getSecret/action'. Resource: '${id}'.`,
    );
  const asked = version ?? currentVersion(record);
  const stored = record && asked ? new VaultSecrets(cloud.store).get(record.id, asked) : undefined;
  if (!record || !stored)
    throw new ArmError(404, "SecretNotFound", `A secret with (name/id) ${secret} was not found in this key vault.`);
  return { ...stored, id: `${vaultUri(cloud, vault)}secrets/${record.name}/${asked}`, attributes: { enabled: true } };
}

function currentVersion(record: ResourceRecord | undefined): string | undefined {
  const { secretUriWithVersion } = (record?.properties ?? {}) as { secretUriWithVersion?: string };
  return secretUriWithVersion?.split("/").at(-1);
}
