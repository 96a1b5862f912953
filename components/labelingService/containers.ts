import type * as pulumi from "@pulumi/pulumi";
import { ContainerApp } from "@pulumi/azure-native/app/containerApp";
import type { ManagedEnvironment } from "@pulumi/azure-native/app/managedEnvironment";
import type { app } from "@pulumi/azure-native/types/input";
import type { ContainerIdentity, VaultSecret } from "./secrets";

/** Where a container app is made. */
export interface ContainerPlace {
  resourceGroupName: pulumi.Input<string>;
  location: pulumi.Input<string>;
  containerAppName: pulumi.Input<string>;
  environment: ManagedEnvironment;
}

export interface ContainerOptions {
  parent: pulumi.Resource;
  dependsOn: pulumi.Resource[];
}

export interface WebContainerArgs extends ContainerPlace {
  identity: ContainerIdentity;
  /** Secrets of the vault by the names that the container app has for them. */
  vaultSecrets: Readonly<Record<string, VaultSecret>>;
  /** Files that are no secret, by name; Azure mounts no others where accounts have no keys. */
  files?: { folder: string; contents: Readonly<Record<string, string>> };
  image: string;
  command?: string[];
  cores: number;
  replicas: { least: number; most: number };
  variables: Readonly<Record<string, pulumi.Input<string>>>;
  /** Variables by the name of the secret that they hold. */
  secretVariables: Readonly<Record<string, string>>;
}

/** Of the one server in a container, which answers at this path once it is there. */
export const port = 8080;
const healthPath = "/health";

/** One container with one server, reached by HTTPS. No secret stands in it in clear: the vault gives them to its identity. */
export function declareWebContainer(name: string, args: WebContainerArgs, opts: ContainerOptions): ContainerApp {
  const { resourceGroupName, location, containerAppName, environment, identity, files } = args;
  return new ContainerApp(
    name,
    {
      resourceGroupName,
      location,
      containerAppName,
      environmentId: environment.id,
      workloadProfileName: "Consumption",
      identity: { type: "UserAssigned", userAssignedIdentities: [identity.id] },
      configuration: {
        activeRevisionsMode: "Single",
        ingress: { external: true, targetPort: port, transport: "auto", allowInsecure: false },
        secrets: [
          ...Object.entries(args.vaultSecrets).map(([secret, { uri }]) => ({
            name: secret,
            keyVaultUrl: uri,
            identity: identity.id,
          })),
          ...Object.entries(files?.contents ?? {}).map(([file, value]) => ({ name: secretOf(file), value })),
        ],
      },
      template: {
        containers: [
          {
            name: "server",
            image: args.image,
            command: args.command,
            resources: { cpu: args.cores, memory: `${2 * args.cores}Gi` },
            env: [
              ...Object.entries(args.variables).map(([variable, value]) => ({ name: variable, value })),
              ...Object.entries(args.secretVariables).map(([variable, secretRef]) => ({ name: variable, secretRef })),
            ],
            probes,
            ...(files && { volumeMounts: [{ volumeName: "files", mountPath: files.folder }] }),
          },
        ],
        scale: { minReplicas: args.replicas.least, maxReplicas: args.replicas.most },
        ...(files && {
          volumes: [
            {
              name: "files",
              storageType: "Secret",
              secrets: Object.keys(files.contents).map((file) => ({ secretRef: secretOf(file), path: file })),
            },
          ],
        }),
      },
    },
    { ...opts, dependsOn: [...opts.dependsOn, ...identity.ready] },
  );
}

function secretOf(file: string): string {
  return `file-${file.toLowerCase()}`;
}

/** A first start may take minutes, and what hangs later is started anew. */
const httpGet = { path: healthPath, port, scheme: "HTTP" };
const probes: app.ContainerAppProbeArgs[] = [
  { type: "Startup", httpGet, periodSeconds: 10, timeoutSeconds: 5, failureThreshold: 60 },
  { type: "Readiness", httpGet, periodSeconds: 10, timeoutSeconds: 5, failureThreshold: 3 },
  { type: "Liveness", httpGet, periodSeconds: 30, timeoutSeconds: 10, failureThreshold: 5 },
];
