import { ArmError, type Cloud, type PutRequest } from "../contracts";
import { checkTemplate, type Template } from "./containerTemplates";
import { missingReference, type Supporting } from "./supportingRules";

interface Secret {
  name?: string;
  value?: string;
  keyVaultUrl?: string;
  identity?: string;
}

interface AppProperties {
  environmentId?: string;
  managedEnvironmentId?: string;
  configuration?: { secrets?: Secret[]; ingress?: { external?: boolean; targetPort?: number; transport?: string } };
  template?: Template;
}

/** What a container app here answers in place of running. */
const nothingRuns = "The local cloud runs no containers: this container app is a record.";

/** Container apps as records: their bodies are checked as Azure checks them before anything is started. */
export const containerApps: Supporting = {
  check(request, cloud) {
    const { environmentId, managedEnvironmentId, configuration = {}, template = {} } = propertiesOf(request);
    const environment = environmentId ?? managedEnvironmentId;
    if (environment === undefined || !cloud.resources.get(environment))
      throw missingReference(environment, "properties.environmentId");
    const secrets = configuration.secrets ?? [];
    checkSecrets(secrets, request, cloud);
    checkTemplate(template, new Set(secrets.map(({ name = "" }) => name)));
    const { ingress } = configuration;
    if (ingress && ingress.transport !== "tcp" && !isPort(ingress.targetPort))
      throw new ArmError(
        400,
        "ContainerAppInvalidIngressPort",
        `Ingress targetPort '${ingress.targetPort}' is not between 1 and 65535.`,
        "properties.configuration.ingress.targetPort",
      );
  },

  added(request, { resources }) {
    const { name } = request;
    const { environmentId, managedEnvironmentId, configuration } = propertiesOf(request);
    const environment = resources.get(environmentId ?? managedEnvironmentId ?? "");
    const domain = String(environment?.properties.defaultDomain);
    const ingress = configuration?.ingress && {
      ...configuration.ingress,
      fqdn: `${name}.${configuration.ingress.external ? "" : "internal."}${domain}`,
    };
    const secrets = configuration?.secrets?.map(({ value: _, ...shown }) => shown);
    return {
      latestRevisionName: `${name}--1`,
      ...(ingress && { latestRevisionFqdn: ingress.fqdn.replace(name, `${name}--1`) }),
      customDomainVerificationId: "",
      outboundIpAddresses: [],
      runningStatus: "Stopped",
      deploymentErrors: nothingRuns,
      // Azure answers no value of a secret.
      configuration: configuration && { ...configuration, ...(secrets && { secrets }), ...(ingress && { ingress }) },
    };
  },
};

/** Who signs in to a container app, and how. */
export const containerAppSignIns: Supporting = {
  check({ id, name, body }, { resources }) {
    if (name !== "current")
      throw new ArmError(
        400,
        "AuthConfigInvalidName",
        `The name of an authConfig is 'current', not '${name}'.`,
        "name",
      );
    const app = resources.get(id.replace(/\/authConfigs\/[^/]+$/i, ""));
    const { secrets = [] } = (app?.properties as AppProperties | undefined)?.configuration ?? {};
    const { azureActiveDirectory } = (body.properties?.identityProviders ?? {}) as {
      azureActiveDirectory?: { registration?: { clientId?: string; clientSecretSettingName?: string } };
    };
    const { clientId, clientSecretSettingName: setting } = azureActiveDirectory?.registration ?? {};
    const target = "properties.identityProviders.azureActiveDirectory.registration";
    if (azureActiveDirectory && !clientId)
      throw new ArmError(
        400,
        "AuthConfigInvalidRegistration",
        "The registration has no clientId.",
        `${target}.clientId`,
      );
    if (setting !== undefined && !secrets.some((secret) => secret.name === setting))
      throw new ArmError(
        400,
        "AuthConfigSecretNotFound",
        `clientSecretSettingName '${setting}' is none of the container app's secrets: ${names(secrets) || "it has none"}.`,
        `${target}.clientSecretSettingName`,
      );
  },
};

function propertiesOf({ body }: PutRequest): AppProperties {
  return body.properties ?? {};
}

function isPort(port: number | undefined): boolean {
  return port !== undefined && Number.isInteger(port) && port >= 1 && port <= 65_535;
}

function names(secrets: readonly Secret[]): string {
  return secrets.map(({ name }) => `'${name}'`).join(", ");
}

function checkSecrets(secrets: readonly Secret[], { body, existing }: PutRequest, cloud: Cloud): void {
  const known = ((existing?.properties ?? {}) as AppProperties).configuration?.secrets ?? [];
  const seen = new Set<string>();
  for (const [index, secret] of secrets.entries()) {
    const { name = "", value, keyVaultUrl } = secret;
    const target = `properties.configuration.secrets[${index}]`;
    const refuse = (why: string) => new ArmError(400, "ContainerAppSecretInvalid", `Secret '${name}': ${why}.`, target);
    if (!/^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$/.test(name))
      throw refuse("a name has lower-case letters, digits, '-' and '.', with a letter or digit at both ends");
    if (seen.has(name)) throw refuse("the name is there twice");
    seen.add(name);
    if (keyVaultUrl !== undefined) {
      const why = vaultProblem(secret, body.identity as { userAssignedIdentities?: object } | undefined, cloud);
      if (why) throw refuse(why);
    } else if (value === undefined && !known.some((before) => before.name === name))
      throw refuse("it has neither a value nor a keyVaultUrl");
  }
}

/** Azure reads the secret when the app is written. */
function vaultProblem(
  { keyVaultUrl, identity }: Secret,
  own: { userAssignedIdentities?: object } | undefined,
  { resources, access }: Cloud,
): string | undefined {
  if (!identity) return "a keyVaultUrl needs the identity that reads it";
  const isOwn = Object.keys(own?.userAssignedIdentities ?? {}).some(
    (id) => id.toLowerCase() === identity.toLowerCase(),
  );
  if (identity.toLowerCase() !== "system" && !isOwn) return `${identity} is no identity of the container app`;
  const record = resources.get(identity);
  const secret = resources
    .listAll("Microsoft.KeyVault/vaults/secrets")
    .find(({ properties }) => keyVaultUrl === properties.secretUri || keyVaultUrl === properties.secretUriWithVersion);
  const { principalId = "", clientId = "" } = (record?.properties ?? {}) as Record<string, string>;
  const reader = { objectId: principalId, clientId, name: identity };
  const action = "Microsoft.KeyVault/vaults/secrets/getSecret/action";
  if (secret && access.allows(reader, action, secret.id, "dataAction")) return undefined;
  return `unable to get value using Managed identity ${identity} for secret ${keyVaultUrl}: it is not there, or the identity may not read it`;
}
