import { ArmError, type Cloud, type PutRequest } from "../contracts";
import { delegatedSubnet, missingReference, type Supporting } from "./supportingRules";

const serverType = "Microsoft.DBforPostgreSQL/flexibleServers";

interface ServerProperties {
  administratorLogin?: string;
  administratorLoginPassword?: string;
  storage?: { storageSizeGB?: number };
  backup?: { backupRetentionDays?: number; geoRedundantBackup?: string };
  highAvailability?: { mode?: string };
  network?: { delegatedSubnetResourceId?: string; privateDnsZoneArmResourceId?: string };
  createMode?: string;
}

/** Series by the first letter of a size. */
const tiers: Readonly<Record<string, string>> = { b: "Burstable", d: "GeneralPurpose", e: "MemoryOptimized" };
const storageSizes = [32, 64, 128, 256, 512, 1024, 2048, 4096, 8192, 16_384, 32_768];
const reservedLogins = new Set(
  "azure_superuser azure_pg_admin admin administrator root guest public postgres".split(" "),
);

/** PostgreSQL servers as records: their bodies are checked, and no database is there. */
export const postgresServers: Supporting = {
  check(request, cloud) {
    const properties = (request.body.properties ?? {}) as ServerProperties;
    checkName(request, cloud);
    checkSku(request);
    checkStorage(request, properties);
    checkBackup(request, properties);
    checkAvailability(request, properties);
    if (!request.existing) checkLogin(properties);
    const { delegatedSubnetResourceId: subnet, privateDnsZoneArmResourceId: zone } = properties.network ?? {};
    if (subnet === undefined) return;
    const where = { code: "InvalidSubnetDelegation", target: "properties.network.delegatedSubnetResourceId" };
    delegatedSubnet(cloud, subnet, serverType, where);
    if (zone === undefined || !cloud.resources.get(zone))
      throw missingReference(zone, "properties.network.privateDnsZoneArmResourceId");
  },

  added: ({ name }) => ({ fullyQualifiedDomainName: `${name}.postgres.localhost`, state: "Ready" }),
  hidden: ["administratorLoginPassword", "createMode"],
};

function invalid(message: string, target: string): ArmError {
  return new ArmError(400, "InvalidParameterValue", message, target);
}

function checkName({ name, id }: PutRequest, { resources }: Cloud): void {
  const isTaken = resources
    .listAll(serverType)
    .some((server) => server.name.toLowerCase() === name.toLowerCase() && server.id.toLowerCase() !== id.toLowerCase());
  if (isTaken) throw new ArmError(409, "ServerNameAlreadyExists", serverTaken(name), "name");
}

export function serverTaken(name: string): string {
  return `The server name '${name}' is already used by another server.`;
}

function checkSku({ body }: PutRequest): void {
  const { name = "", tier = "" } = (body.sku ?? {}) as { name?: string; tier?: string };
  const wanted = tiers[/^Standard_([a-z])/i.exec(name)?.[1]?.toLowerCase() ?? ""];
  if (wanted === tier) return;
  throw invalid(`The sku '${name}' is of the tier '${wanted ?? "none"}', not '${tier}'.`, "sku.tier");
}

function checkStorage({ existing }: PutRequest, { storage }: ServerProperties): void {
  const size = storage?.storageSizeGB;
  const target = "properties.storage.storageSizeGB";
  if (size === undefined) return;
  if (!storageSizes.includes(size))
    throw invalid(`storageSizeGB ${size} is none of ${storageSizes.join(", ")}.`, target);
  const before = (existing?.properties as ServerProperties | undefined)?.storage?.storageSizeGB ?? 0;
  if (size < before) throw invalid(`Storage of ${before} GB cannot be scaled down to ${size} GB.`, target);
}

function checkBackup({ existing }: PutRequest, { backup }: ServerProperties): void {
  const days = backup?.backupRetentionDays ?? 7;
  if (!Number.isInteger(days) || days < 7 || days > 35)
    throw invalid(`backupRetentionDays ${days} is not between 7 and 35.`, "properties.backup.backupRetentionDays");
  const before = (existing?.properties as ServerProperties | undefined)?.backup;
  const [old = "Disabled", now = "Disabled"] = [before?.geoRedundantBackup, backup?.geoRedundantBackup];
  if (existing && old !== now)
    throw invalid(
      `geoRedundantBackup is '${old}' since the server was made, and cannot be changed.`,
      "properties.backup.geoRedundantBackup",
    );
}

function checkAvailability({ body }: PutRequest, { highAvailability }: ServerProperties): void {
  const { tier } = (body.sku ?? {}) as { tier?: string };
  const mode = highAvailability?.mode ?? "Disabled";
  if (mode !== "Disabled" && tier === "Burstable")
    throw invalid("High availability is not supported for the tier 'Burstable'.", "properties.highAvailability.mode");
}

/** Azure asks for three of four kinds of characters. */
function checkLogin({
  administratorLogin: login = "",
  administratorLoginPassword: password = "",
  createMode,
}: ServerProperties): void {
  if (createMode !== undefined && !/^(default|create)$/i.test(createMode)) return;
  if (!/^[a-zA-Z][\w]{0,62}$/.test(login) || reservedLogins.has(login.toLowerCase()) || /^pg_/i.test(login))
    throw invalid(`The administrator login name '${login}' cannot be used.`, "properties.administratorLogin");
  const kinds = [/[a-z]/, /[A-Z]/, /\d/, /[^a-zA-Z0-9]/].filter((kind) => kind.test(password)).length;
  if (password.length < 8 || password.length > 128 || kinds < 3 || password.includes(login))
    throw invalid(
      "Password validation failed. The password does not meet policy requirements because it is not complex enough: 8 to 128 characters of three kinds, without the login name.",
      "properties.administratorLoginPassword",
    );
}
